namespace EdgeCam.Agent.Cameras.V4l2.M2m;

/// <summary>
/// Where a picture for an encoder is written: planar 4:2:0 right in the driver's buffer where it takes that; else, or where the picture is
/// read again, beside it, to be copied over into what it takes. A driver's buffer may be memory that no cache holds. Full-range pictures are
/// brought to the limited range on that way: the Raspberry Pi's encoder does not write into the stream what its samples mean, so that every
/// viewer takes them for limited.
/// </summary>
internal sealed class M2mPicture
{
    private const int RowAlignment = 64;

    private readonly IM2mNode _node;
    private readonly V4l2Format _format;
    private readonly int _width;
    private readonly int _height;
    private readonly int _stride;
    private readonly bool _takesDirectly;
    private readonly byte[]? _compressed; // a row; null: the range stays as it is
    private byte[]? _beside;
    private bool _isRead;

    public M2mPicture(IM2mNode node, V4l2Format format, EncoderSettings settings)
    {
        (_node, _format, _width, _height) = (node, format, settings.Width, settings.Height);
        _stride = Math.Max(format.Stride, settings.Width);
        var isPlanar = format.FourCc is V4l2PixelFormat.Yuv420 or V4l2PixelFormat.Yuv420M;
        _compressed = settings.Colour.IsFullRange ? new byte[_width] : null;
        _takesDirectly = isPlanar && _compressed is null && (_width % RowAlignment != 0 || _stride == _width); // who writes without gaps between rows relies on it
        Begin();
    }

    /// <summary>Formats that can be given, those first that need no copy.</summary>
    public static IReadOnlyList<uint> Formats { get; } = [V4l2PixelFormat.Yuv420, V4l2PixelFormat.Yuv420M, V4l2PixelFormat.Nv12, V4l2PixelFormat.Nv12M];

    /// <summary>For the log.</summary>
    public string Words => $"takes {V4l2PixelFormat.LettersOf(_format.FourCc)}{(_takesDirectly ? " in its own buffers" : _compressed is not null ? " of the limited range" : "")}";

    public void KeepReadable() => _isRead = true;

    /// <summary>Another picture is written from here on.</summary>
    public void Begin()
    {
        if (!_takesDirectly || _isRead)
            _beside ??= new byte[_width * _height * 3 / 2];
    }

    public Span<byte> Plane(int buffer, int plane, out int stride)
    {
        var rows = plane == 0 ? _height : _height / 2;
        if (_beside is { } beside)
        {
            stride = plane == 0 ? _width : _width / 2;
            var luma = _width * _height;
            return beside.AsSpan(plane == 0 ? 0 : luma + ((plane - 1) * luma / 4), stride * rows);
        }

        stride = plane == 0 ? _stride : _stride / 2;
        return Own(buffer, plane)[..(stride * rows)];
    }

    /// <summary>The picture is written: it is brought to the driver's buffer.</summary>
    public void Finish(int buffer)
    {
        if (_beside is null)
            return;
        if (_format.FourCc is V4l2PixelFormat.Yuv420 or V4l2PixelFormat.Yuv420M)
        {
            for (var plane = 0; plane < 3; plane++)
                CopyRows(Plane(buffer, plane, out var from), from, Own(buffer, plane), plane == 0 ? _stride : _stride / 2, plane == 0);
            return;
        }

        CopyRows(Plane(buffer, 0, out _), _width, Own(buffer, 0), _stride, isLuma: true);
        var cb = Plane(buffer, 1, out var half);
        var cr = Plane(buffer, 2, out _);
        var both = Own(buffer, 1);
        for (var y = 0; y < _height / 2; y++)
            Merge(cb.Slice(y * half, half), cr.Slice(y * half, half), both.Slice(y * _stride, _width));
    }

    private void CopyRows(ReadOnlySpan<byte> source, int sourceStride, Span<byte> target, int targetStride, bool isLuma)
    {
        for (var y = 0; y * sourceStride < source.Length; y++)
        {
            var row = source.Slice(y * sourceStride, sourceStride);
            var to = target.Slice(y * targetStride, sourceStride);
            if (_compressed is null)
                row.CopyTo(to);
            else if (isLuma)
                PictureRange.CompressLuma(row, to);
            else
                PictureRange.CompressChroma(row, to);
        }
    }

    private void Merge(ReadOnlySpan<byte> cb, ReadOnlySpan<byte> cr, Span<byte> target)
    {
        if (_compressed is { } row)
        {
            var first = row.AsSpan(0, cb.Length);
            var second = row.AsSpan(cb.Length, cr.Length);
            PictureRange.CompressChroma(cb, first);
            PictureRange.CompressChroma(cr, second);
            cb = first;
            cr = second;
        }

        PictureConverter.Merge(cb, cr, target);
    }

    /// <summary>A plane in the driver's buffer, from its first sample on.</summary>
    private Span<byte> Own(int buffer, int plane)
    {
        if (_format.FourCc is V4l2PixelFormat.Yuv420M or V4l2PixelFormat.Nv12M)
            return _node.Memory(M2mSide.Raw, buffer, plane);
        var luma = _stride * _format.Height;
        return _node.Memory(M2mSide.Raw, buffer, 0)[(plane == 0 ? 0 : luma + ((plane - 1) * luma / 4))..];
    }
}
