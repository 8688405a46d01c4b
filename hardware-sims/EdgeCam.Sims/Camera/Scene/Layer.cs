using System.Numerics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>A painted image in I420 with an alpha plane for luma and one for chroma: the panorama's parts and the sprites.</summary>
internal sealed class Layer
{
    public Layer(int width, int height)
    {
        Width = width + (width & 1);
        Height = height + (height & 1);
        Luma = new byte[Width * Height];
        Alpha = new byte[Width * Height];
        Cb = new byte[Width * Height / 4];
        Cr = new byte[Width * Height / 4];
        ChromaAlpha = new byte[Width * Height / 4];
    }

    public int Width { get; }

    public int Height { get; }

    public byte[] Luma { get; }

    public byte[] Alpha { get; }

    public byte[] Cb { get; }

    public byte[] Cr { get; }

    public byte[] ChromaAlpha { get; }

    /// <summary>Paints each pixel from several samples of a colour function with alpha in W; both axes run in units of the height.</summary>
    public static Layer Paint(int width, int height, int samples, Func<Vector2, Vector4> colour)
    {
        var layer = new Layer(width, height);
        Vector4[][] rows = [new Vector4[layer.Width], new Vector4[layer.Width]];
        for (var y = 0; y < layer.Height; y += 2)
        {
            for (var x = 0; x < layer.Width; x++)
            {
                for (var line = 0; line < 2; line++)
                    rows[line][x] = Average(colour, x, y + line, samples, 1f / layer.Height);
            }

            layer.SetRows(y, rows[0], rows[1]);
        }

        return layer;
    }

    /// <summary>Stores two rows of R'G'B' with alpha as I420 (BT.709, limited range).</summary>
    public void SetRows(int y, ReadOnlySpan<Vector4> upper, ReadOnlySpan<Vector4> lower)
    {
        for (var x = 0; x < Width; x += 2)
        {
            SetLuma(x, y, upper[x]);
            SetLuma(x + 1, y, upper[x + 1]);
            SetLuma(x, y + 1, lower[x]);
            SetLuma(x + 1, y + 1, lower[x + 1]);
            var weighted = Weigh(upper[x]) + Weigh(upper[x + 1]) + Weigh(lower[x]) + Weigh(lower[x + 1]);
            var colour = weighted / Math.Max(weighted.W, 1e-6f);
            var luma = Brightness(colour);
            var at = (y / 2 * (Width / 2)) + (x / 2);
            Cb[at] = (byte)Math.Clamp(128.5f + (224 * (colour.Z - luma) / 1.8556f), 16, 240);
            Cr[at] = (byte)Math.Clamp(128.5f + (224 * (colour.X - luma) / 1.5748f), 16, 240);
            ChromaAlpha[at] = (byte)((weighted.W * 255 / 4) + 0.5f);
        }
    }

    private void SetLuma(int x, int y, Vector4 colour)
    {
        // A fixed 2x2 dither keeps the sky from showing bands; it moves with the picture, so it costs the encoder nothing.
        var dither = (((x & 1) * 2) ^ ((y & 1) * 3)) * 0.25f;
        Luma[(y * Width) + x] = (byte)Math.Clamp(16 + (219 * Brightness(colour)) + dither, 16, 235);
        Alpha[(y * Width) + x] = (byte)((Math.Clamp(colour.W, 0, 1) * 255) + 0.5f);
    }

    private static float Brightness(Vector4 colour) => (0.2126f * colour.X) + (0.7152f * colour.Y) + (0.0722f * colour.Z);

    private static Vector4 Weigh(Vector4 colour) => Vector4.Clamp(new Vector4(colour.AsVector3() * colour.W, colour.W), Vector4.Zero, Vector4.One);

    private static Vector4 Average(Func<Vector2, Vector4> colour, int x, int y, int samples, float scale)
    {
        var sum = Vector4.Zero;
        for (var i = 0; i < samples * samples; i++)
        {
            var at = new Vector2(x + ((i % samples + 0.5f) / samples), y + ((i / samples + 0.5f) / samples)) * scale;
            sum += Weigh(colour(at));
        }

        return sum.W <= 0 ? Vector4.Zero : new Vector4(sum.AsVector3() / sum.W, sum.W / (samples * samples));
    }
}
