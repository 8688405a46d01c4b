using System.Runtime.Intrinsics;

namespace EdgeCam.Agent.Cameras;

/// <summary>Brings samples of the full range, 0 to 255, to the limited one of television: luma from 16 to 235, chroma from 16 to 240 (H.264 Annex E, video_full_range_flag), to the nearest.</summary>
internal static class PictureRange
{
    public static void CompressLuma(ReadOnlySpan<byte> source, Span<byte> target) => Compress(source, target, 219, 16 * 255);

    public static void CompressChroma(ReadOnlySpan<byte> source, Span<byte> target) => Compress(source, target, 224, 128 * (255 - 224));

    /// <summary>(sample * scale + offset) / 255: x / 255 is (x + 128 + ((x + 128) >> 8)) >> 8 to the nearest, and all of it has room in 16 bits.</summary>
    private static void Compress(ReadOnlySpan<byte> source, Span<byte> target, ushort scale, ushort offset)
    {
        var (scales, offsets) = (Vector128.Create(scale), Vector128.Create((ushort)(offset + 128)));
        var i = 0;
        for (; i <= source.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var (low, high) = Vector128.Widen(Vector128.Create(source[i..]));
            (low, high) = ((low * scales) + offsets, (high * scales) + offsets);
            Vector128.Narrow((low + (low >>> 8)) >>> 8, (high + (high >>> 8)) >>> 8).CopyTo(target[i..]);
        }

        for (; i < source.Length; i++)
        {
            var scaled = (source[i] * scale) + offset + 128;
            target[i] = (byte)((scaled + (scaled >> 8)) >> 8);
        }
    }
}
