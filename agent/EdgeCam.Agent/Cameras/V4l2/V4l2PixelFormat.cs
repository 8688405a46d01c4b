namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>A format that a node can give.</summary>
/// <param name="FourCc">Four letters, the first in the lowest byte.</param>
/// <param name="Description">The driver's name for it.</param>
internal readonly record struct V4l2PixelFormat(uint FourCc, string Description)
{
    /// <summary>V4L2_PIX_FMT_H264: with start codes. Those without (AVC1) and of stereo pictures have letters of their own.</summary>
    public const uint H264 = 0x3436_3248;

    /// <summary>Without the blanks that fill short ones up.</summary>
    public string Letters => string.Create(4, FourCc, static (letters, code) =>
    {
        for (var i = 0; i < letters.Length; i++)
            letters[i] = (char)((code >> (8 * i)) & 0x7F) is var letter and >= ' ' ? letter : '?';
    }).TrimEnd();

    public override string ToString() => Description.Length == 0 || Description == $"[{Letters}]" ? Letters : $"{Letters} ({Description})";
}
