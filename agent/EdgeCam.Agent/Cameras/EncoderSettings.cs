namespace EdgeCam.Agent.Cameras;

/// <summary>What one encoder is opened with.</summary>
/// <param name="Width">Even.</param>
/// <param name="Height">Even.</param>
/// <param name="Bitrate">Bits per second to begin with.</param>
/// <param name="KeyFrameInterval">Pictures from one IDR picture to the next, unless one is asked for.</param>
/// <param name="Profile"><c>baseline</c> (constrained) or <c>main</c>, without B-frames.</param>
/// <param name="Level">Null: the lowest that size, rate and bitrate fit in.</param>
/// <param name="Colour">What the samples mean; the stream says so.</param>
/// <param name="Threads">Each codes a slice of the picture: more of them shorten the delay, and cost a little quality.</param>
internal readonly record struct EncoderSettings(
    int Width, int Height, int FrameRate, long Bitrate, int KeyFrameInterval, string Profile = "baseline", string? Level = null, int Threads = 1,
    PictureColour Colour = default);
