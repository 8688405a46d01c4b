namespace EdgeCam.Agent.Recording.Mp4;

/// <summary>Fills a span from an offset of a file.</summary>
/// <returns>False where the file ends before.</returns>
internal delegate bool ReadAt(long offset, Span<byte> destination);
