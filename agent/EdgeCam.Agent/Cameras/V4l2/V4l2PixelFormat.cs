namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>A format that a node can give.</summary>
/// <param name="FourCc">Four letters, the first in the lowest byte.</param>
/// <param name="Description">The driver's name for it.</param>
internal readonly record struct V4l2PixelFormat(uint FourCc, string Description)
{
    /// <summary>V4L2_PIX_FMT_H264: with start codes. Those without (AVC1) and of stereo pictures have letters of their own.</summary>
    public const uint H264 = 0x3436_3248;

    /// <summary>Planar 4:2:0 in one piece of memory, and in three; luma, then Cb and Cr of half the width and height.</summary>
    public const uint Yuv420 = 0x3231_5559, Yuv420M = 0x3231_4D59;

    /// <summary>Luma, then Cb and Cr in turn, in one piece of memory, and in two.</summary>
    public const uint Nv12 = 0x3231_564E, Nv12M = 0x3231_4D4E;

    /// <summary>Packed 4:2:2: luma, Cb, luma, Cr; and the other way round.</summary>
    public const uint Yuyv = 0x5659_5559, Uyvy = 0x5956_5955;

    /// <summary>A JPEG picture each, as cameras over USB give it and as others call it.</summary>
    public const uint MotionJpeg = 0x4750_4A4D, Jpeg = 0x4745_504A;

    /// <summary>The codec that vicodec, the kernel's simulated encoder, has.</summary>
    public const uint Fwht = 0x5448_5746;

    /// <summary>So many are listed for people: some nodes have more than anybody reads.</summary>
    public const int Listed = 12;

    /// <summary>Raw formats that can be encoded, those first that cost the least to convert.</summary>
    public static readonly IReadOnlyList<uint> Raw = [Yuv420, Nv12, Yuv420M, Nv12M, Yuyv, Uyvy];

    public bool IsJpeg => FourCc is MotionJpeg or Jpeg;

    /// <summary>Pieces of memory that a picture of a format is asked for in.</summary>
    public static int PlanesOf(uint fourCc) => fourCc switch
    {
        Yuv420M => 3,
        Nv12M => 2,
        _ => 1,
    };

    public static string LettersOf(uint fourCc) => new V4l2PixelFormat(fourCc, "").Letters;

    /// <summary>Without the blanks that fill short ones up.</summary>
    public string Letters => string.Create(4, FourCc, static (letters, code) =>
    {
        for (var i = 0; i < letters.Length; i++)
            letters[i] = (char)((code >> (8 * i)) & 0x7F) is var letter and >= ' ' ? letter : '?';
    }).TrimEnd();

    public override string ToString() => Description.Length == 0 || Description == $"[{Letters}]" ? Letters : $"{Letters} ({Description})";
}
