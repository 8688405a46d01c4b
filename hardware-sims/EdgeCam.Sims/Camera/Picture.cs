using EdgeCam.Sims.Camera.Scene;

namespace EdgeCam.Sims.Camera;

/// <summary>A picture in planar YUV 4:2:0 (I420), BT.709, limited range: what the encoder takes and what <c>--codec yuv420</c> writes.</summary>
internal sealed class Picture
{
    private readonly byte[] _bytes;

    public Picture(int width, int height)
    {
        Width = width;
        Height = height;
        _bytes = GC.AllocateUninitializedArray<byte>(width * height * 3 / 2, pinned: true); // the encoder is given addresses
    }

    public int Width { get; }

    public int Height { get; }

    public Span<byte> Bytes => _bytes;

    public Span<byte> Luma => _bytes.AsSpan(0, Width * Height);

    public Span<byte> Cb => _bytes.AsSpan(Width * Height, Width * Height / 4);

    public Span<byte> Cr => _bytes.AsSpan(Width * Height * 5 / 4, Width * Height / 4);

    /// <summary>Copies a window of a layer that is wider than the picture and wraps around.</summary>
    /// <param name="left">The layer's column at the picture's left edge; even, so that chroma moves with luma.</param>
    public void Pan(Layer layer, int left)
    {
        PanPlane(layer.Luma, layer.Width, Luma, Width, left);
        PanPlane(layer.Cb, layer.Width / 2, Cb, Width / 2, left / 2);
        PanPlane(layer.Cr, layer.Width / 2, Cr, Width / 2, left / 2);
    }

    /// <summary>Blends a window of a wrapping layer with alpha over the picture, from a row down.</summary>
    public void PanOver(Layer layer, int left, int top)
    {
        var first = Math.Min(Width, layer.Width - left);
        Over(layer, left, first, 0, top);
        if (first < Width)
            Over(layer, 0, Width - first, first, top);
    }

    /// <summary>Blends a sprite over the picture; parts outside are cut off.</summary>
    public void Over(Layer sprite, int x, int y) => Over(sprite, 0, sprite.Width, x, y);

    public void FillCell(int left, int width, int top, byte luma)
    {
        for (var y = top; y < Height; y++)
            Luma.Slice((y * Width) + left, width).Fill(luma);
        var (chromaLeft, chromaEnd) = (left / 2, Math.Min((left + width + 1) / 2, Width / 2));
        for (var y = top / 2; y < Height / 2; y++)
        {
            Cb[((y * Width / 2) + chromaLeft)..((y * Width / 2) + chromaEnd)].Fill(128);
            Cr[((y * Width / 2) + chromaLeft)..((y * Width / 2) + chromaEnd)].Fill(128);
        }
    }

    private void Over(Layer layer, int sourceX, int width, int x, int y)
    {
        if (x < 0)
        {
            sourceX -= x;
            width += x;
            x = 0;
        }

        width = Math.Min(width, Width - x);
        if (width <= 0)
            return;
        for (var row = Math.Max(0, -y); row < layer.Height && row + y < Height; row++)
        {
            var source = (row * layer.Width) + sourceX;
            Blend.Row(Luma.Slice(((row + y) * Width) + x, width), layer.Luma.AsSpan(source, width), layer.Alpha.AsSpan(source, width));
        }

        int chromaWidth = Math.Min(width / 2, (Width / 2) - (x / 2)), chromaY = y >> 1;
        for (var row = Math.Max(0, -chromaY); row < layer.Height / 2 && row + chromaY < Height / 2; row++)
        {
            var source = (row * (layer.Width / 2)) + (sourceX / 2);
            var target = ((row + chromaY) * (Width / 2)) + (x / 2);
            var alpha = layer.ChromaAlpha.AsSpan(source, chromaWidth);
            Blend.Row(Cb.Slice(target, chromaWidth), layer.Cb.AsSpan(source, chromaWidth), alpha);
            Blend.Row(Cr.Slice(target, chromaWidth), layer.Cr.AsSpan(source, chromaWidth), alpha);
        }
    }

    private static void PanPlane(byte[] source, int sourceWidth, Span<byte> target, int width, int left)
    {
        var first = Math.Min(width, sourceWidth - left);
        for (int row = 0, rows = target.Length / width; row < rows; row++)
        {
            var line = source.AsSpan(row * sourceWidth, sourceWidth);
            line.Slice(left, first).CopyTo(target[(row * width)..]);
            line[..(width - first)].CopyTo(target[((row * width) + first)..]);
        }
    }
}
