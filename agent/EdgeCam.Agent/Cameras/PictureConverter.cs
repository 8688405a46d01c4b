using System.Runtime.Intrinsics;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// Writes raw pictures to where an encoder takes them from, planar 4:2:0: one pass over the samples, as fast as memory is. Where chroma has
/// more rows than that, two become one by their mean. Allocates nothing once made.
/// </summary>
/// <param name="width">Even.</param>
/// <param name="height">Even.</param>
internal sealed class PictureConverter(int width, int height)
{
    private readonly byte[] _upper = new byte[width]; // chroma of two rows
    private readonly byte[] _lower = new byte[width];

    public void Write(in RawPicture picture, IPictureEncoder encoder)
    {
        var luma = encoder.Plane(0, out var stride);
        var cb = encoder.Plane(1, out var chromaStride);
        var cr = encoder.Plane(2, out _);
        switch (picture.Layout)
        {
            case PictureLayout.Planar:
                CopyRows(picture.Luma, picture.Stride, luma, stride, width, height);
                CopyRows(picture.Cb, picture.ChromaStride, cb, chromaStride, width / 2, height / 2);
                CopyRows(picture.Cr, picture.ChromaStride, cr, chromaStride, width / 2, height / 2);
                break;
            case PictureLayout.SemiPlanar:
                CopyRows(picture.Luma, picture.Stride, luma, stride, width, height);
                for (var y = 0; y < height / 2; y++)
                    Split(picture.Cb.Slice(y * picture.ChromaStride, width), cb.Slice(y * chromaStride, width / 2), cr.Slice(y * chromaStride, width / 2));
                break;
            case PictureLayout.PlanarTall:
                CopyRows(picture.Luma, picture.Stride, luma, stride, width, height);
                HalveRows(picture.Cb, picture.ChromaStride, cb, chromaStride);
                HalveRows(picture.Cr, picture.ChromaStride, cr, chromaStride);
                break;
            case PictureLayout.Grey:
                CopyRows(picture.Luma, picture.Stride, luma, stride, width, height);
                cb.Fill(128);
                cr.Fill(128);
                break;
            default:
                Unpack(picture, luma, stride, cb, cr, chromaStride);
                break;
        }
    }

    private void Unpack(in RawPicture picture, Span<byte> luma, int stride, Span<byte> cb, Span<byte> cr, int chromaStride)
    {
        for (var y = 0; y < height; y += 2)
        {
            UnpackRow(picture, y, luma.Slice(y * stride, width), _upper);
            UnpackRow(picture, y + 1, luma.Slice((y + 1) * stride, width), _lower);
            Average(_upper, _lower, _upper);
            Split(_upper, cb.Slice(y / 2 * chromaStride, width / 2), cr.Slice(y / 2 * chromaStride, width / 2));
        }
    }

    private void UnpackRow(in RawPicture picture, int y, Span<byte> luma, Span<byte> chroma)
    {
        var row = picture.Luma.Slice(y * picture.Stride, width * 2);
        if (picture.Layout == PictureLayout.PackedLumaFirst)
            Split(row, luma, chroma);
        else
            Split(row, chroma, luma);
    }

    private void HalveRows(ReadOnlySpan<byte> source, int sourceStride, Span<byte> target, int targetStride)
    {
        for (var y = 0; y < height / 2; y++)
            Average(source.Slice(2 * y * sourceStride, width / 2), source.Slice(((2 * y) + 1) * sourceStride, width / 2), target.Slice(y * targetStride, width / 2));
    }

    private static void CopyRows(ReadOnlySpan<byte> source, int sourceStride, Span<byte> target, int targetStride, int width, int rows)
    {
        if (sourceStride == targetStride)
        {
            source[..((sourceStride * (rows - 1)) + width)].CopyTo(target);
            return;
        }

        for (var y = 0; y < rows; y++)
            source.Slice(y * sourceStride, width).CopyTo(target.Slice(y * targetStride, width));
    }

    /// <summary>Every second byte to one place, those between to the other.</summary>
    private static void Split(ReadOnlySpan<byte> source, Span<byte> even, Span<byte> odd)
    {
        var mask = Vector128.Create((ushort)0xFF);
        var i = 0;
        for (; i <= even.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var low = Vector128.Create(source[(2 * i)..]).AsUInt16();
            var high = Vector128.Create(source[((2 * i) + Vector128<byte>.Count)..]).AsUInt16();
            Vector128.Narrow(low & mask, high & mask).CopyTo(even[i..]);
            Vector128.Narrow(low >>> 8, high >>> 8).CopyTo(odd[i..]);
        }

        for (; i < even.Length; i++)
            (even[i], odd[i]) = (source[2 * i], source[(2 * i) + 1]);
    }

    /// <summary>Two rows become one, their bytes in turn.</summary>
    public static void Merge(ReadOnlySpan<byte> even, ReadOnlySpan<byte> odd, Span<byte> target)
    {
        var i = 0;
        for (; i <= even.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var (lowEven, highEven) = Vector128.Widen(Vector128.Create(even[i..]));
            var (lowOdd, highOdd) = Vector128.Widen(Vector128.Create(odd[i..]));
            (lowEven | (lowOdd << 8)).AsByte().CopyTo(target[(2 * i)..]);
            (highEven | (highOdd << 8)).AsByte().CopyTo(target[((2 * i) + Vector128<byte>.Count)..]);
        }

        for (; i < even.Length; i++)
            (target[2 * i], target[(2 * i) + 1]) = (even[i], odd[i]);
    }

    /// <summary>The mean of two rows, halves up. The target may be one of them.</summary>
    private static void Average(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> target)
    {
        var half = Vector128.Create((byte)0x7F);
        var i = 0;
        for (; i <= target.Length - Vector128<byte>.Count; i += Vector128<byte>.Count)
        {
            var (a, b) = (Vector128.Create(upper[i..]), Vector128.Create(lower[i..]));
            ((a | b) - (((a ^ b).AsUInt16() >>> 1).AsByte() & half)).CopyTo(target[i..]); // (a + b + 1) / 2 without a ninth bit
        }

        for (; i < target.Length; i++)
            target[i] = (byte)((upper[i] + lower[i] + 1) / 2);
    }
}
