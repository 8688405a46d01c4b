using System.Runtime.Intrinsics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>Alpha blending of a row of samples, sixteen at a time on x86 and ARM alike.</summary>
internal static class Blend
{
    public static void Row(Span<byte> target, ReadOnlySpan<byte> source, ReadOnlySpan<byte> alpha)
    {
        source = source[..target.Length];
        alpha = alpha[..target.Length];
        var i = 0;
        for (; i <= target.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var a = Vector128.Create(alpha[i..]);
            if (a == Vector128<byte>.Zero)
                continue; // most of a silhouette's rows are all or nothing
            var s = Vector128.Create(source[i..]);
            if (a == Vector128<byte>.AllBitsSet)
            {
                s.CopyTo(target[i..]);
                continue;
            }

            var t = Vector128.Create((ReadOnlySpan<byte>)target[i..]);
            var low = Mix(Vector128.WidenLower(t), Vector128.WidenLower(s), Vector128.WidenLower(a));
            var high = Mix(Vector128.WidenUpper(t), Vector128.WidenUpper(s), Vector128.WidenUpper(a));
            Vector128.Narrow(low, high).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
            target[i] = (byte)(((target[i] * (255 - alpha[i])) + (source[i] * alpha[i]) + 128) * 257 >> 16);
    }

    /// <summary>A row between two others: the first at weight 0, almost the second at 255.</summary>
    public static void Between(Span<byte> target, ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, int weight)
    {
        upper = upper[..target.Length];
        lower = lower[..target.Length];
        var (w, rest) = (Vector128.Create((ushort)weight), Vector128.Create((ushort)(256 - weight)));
        var i = 0;
        for (; i <= target.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var (u, l) = (Vector128.Create(upper[i..]), Vector128.Create(lower[i..]));
            var first = ((Vector128.WidenLower(u) * rest) + (Vector128.WidenLower(l) * w)) >>> 8;
            var second = ((Vector128.WidenUpper(u) * rest) + (Vector128.WidenUpper(l) * w)) >>> 8;
            Vector128.Narrow(first, second).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
            target[i] = (byte)(((upper[i] * (256 - weight)) + (lower[i] * weight)) >> 8);
    }

    private static Vector128<ushort> Mix(Vector128<ushort> target, Vector128<ushort> source, Vector128<ushort> alpha)
    {
        var sum = (target * (Vector128.Create((ushort)255) - alpha)) + (source * alpha) + Vector128.Create((ushort)128);
        return (sum + (sum >>> 8)) >>> 8; // exact division by 255 for every product of two bytes
    }
}
