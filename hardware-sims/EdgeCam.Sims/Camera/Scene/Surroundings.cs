using System.Globalization;
using System.Numerics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>
/// All that a turning camera can see, painted once: the panorama around it with the near part laid over the far one, the sky above up to the
/// zenith, the water below, and boards that tell the pan angle. It wraps around.
/// </summary>
internal sealed class Surroundings
{
    /// <summary>Degrees across the picture at zoom 1.</summary>
    public const double FieldOfView = 60;

    private const double Widths = 360 / FieldOfView;
    private const int Coarse = 4; // sky and water have no detail: a sixteenth of the pixels will do
    private const double Highest = 125; // degrees that the painting reaches up and down, beyond the head's range by half a picture
    private const double Lowest = -75;

    private static readonly (int Pan, uint Colour)[] Boards = [(-150, 0xE8E23C), (-90, 0xD8342C), (-30, 0x2E8B3C), (30, 0x2C5CD8), (90, 0xC040C0), (150, 0xE8862C)];

    private readonly int _height;

    public Surroundings(int width, int height, uint seed)
    {
        _height = height;
        Around = ((int)(width * Widths) + (Coarse * 2) - 1) / (Coarse * 2) * (Coarse * 2);
        PerDegree = Around / 360.0;
        var panorama = Backdrop.Paint(Around, height, seed);
        Lay(Foreground.Paint(Around, height, seed), panorama, (int)(Foreground.Top * height) / 2 * 2);
        foreach (var (pan, colour) in Boards)
            Erect(panorama, pan, Shape.Colour(colour));

        var top = -height / 2.0;
        var (above, below) = ((int)(Highest * PerDegree) - (height / 2), (int)(-Lowest * PerDegree) - (height / 2));
        var clouds = Texture.Create(seed + 53, first: 4, octaves: 6);
        var sky = PaintPlain(panorama, above, 0, (t, x, y) =>
        {
            var star = Texture.Hash(seed + 61, (int)(x * Around), (int)(y * Around)) > 0.996f ? Shape.Step(0.25f, 0.7f, t) : 0; // so that the zenith has something to see
            var cover = Shape.Step(0.50f, 0.80f, clouds.Sample(x * 6, y * 3)) * Shape.Step(0, 0.12f, t) * (1 - t);
            return (new Vector3(78 - (38 * t), 150 + (6 * t), 112), Shape.Step(0, 0.35f, t), new Vector3(208, 124, 132), Math.Max(star, cover * 0.75f));
        });
        var water = PaintPlain(panorama, below, height - 1, (t, x, y) =>
        {
            var wave = clouds.Sample(x * 11, y * 9) * clouds.Sample((x * 17) + 0.3f, y * 23) * 1.5f;
            return (new Vector3(46 - (24 * t), 140, 116), Shape.Step(0, 0.25f, t), new Vector3(96, 138, 118), Shape.Step(0.45f, 0.9f, wave) * 0.5f);
        });
        Bands =
        [
            new(sky, top - (sky.Height * Coarse), 1.0 / Coarse),
            new(panorama, top, 1),
            new(water, top + panorama.Height, 1.0 / Coarse),
        ];
    }

    /// <summary>Pixels all the way around, at zoom 1.</summary>
    public int Around { get; }

    public double PerDegree { get; }

    /// <summary>From the top down; together without a gap.</summary>
    public SceneBand[] Bands { get; }

    /// <summary>The column where a pan angle lies: straight ahead stands the lighthouse.</summary>
    public double Column(double pan) => (Skyline.LighthouseAt * Around) + (pan * PerDegree);

    private static void Lay(Layer near, Layer far, int top)
    {
        for (var row = 0; row < near.Height; row++)
        {
            var (from, to) = (row * near.Width, (row + top) * far.Width);
            Blend.Row(far.Luma.AsSpan(to, far.Width), near.Luma.AsSpan(from, near.Width), near.Alpha.AsSpan(from, near.Width));
        }

        for (int row = 0, half = near.Width / 2; row < near.Height / 2; row++)
        {
            var (from, to) = (row * half, (row + (top / 2)) * half);
            var alpha = near.ChromaAlpha.AsSpan(from, half);
            Blend.Row(far.Cb.AsSpan(to, half), near.Cb.AsSpan(from, half), alpha);
            Blend.Row(far.Cr.AsSpan(to, half), near.Cr.AsSpan(from, half), alpha);
        }
    }

    /// <summary>A board on a post, with the pan angle on it: whoever sees it knows where the camera looks.</summary>
    private void Erect(Layer panorama, int pan, Vector3 colour)
    {
        var (wide, high) = (Even(5 * PerDegree), Even(3 * PerDegree));
        var board = new Picture(wide, high);
        var edge = high * 0.06f;
        board.Over(Layer.Paint(wide, high, 1, p => new(OnEdge(p * high) ? Vector3.One : colour, 1)), 0, 0);
        var font = new StrokeFont(high * 0.5f);
        var text = pan.ToString(CultureInfo.InvariantCulture);
        font.Draw(board, text, (wide - font.Measure(text)) / 2, high * 0.25f);

        var post = new Picture(Even(wide / 20.0), Even(8 * PerDegree));
        post.Luma.Fill(60);
        post.Cb.Fill(128);
        post.Cr.Fill(128);
        int middle = Even(Column(pan)), top = Even((_height / 2) - (4 * PerDegree));
        Place(post, panorama, middle - (post.Width / 4 * 2), top + high);
        Place(board, panorama, middle - (wide / 4 * 2), top);

        bool OnEdge(Vector2 p) => p.X < edge || p.Y < edge || p.X > wide - edge || p.Y > high - edge;
    }

    private static int Even(double pixels) => Math.Max(2, (int)pixels / 2 * 2);

    private static void Place(Picture picture, Layer panorama, int left, int top)
    {
        Copy(picture.Luma, picture.Width, panorama.Luma, panorama.Width, left, top);
        Copy(picture.Cb, picture.Width / 2, panorama.Cb, panorama.Width / 2, left / 2, top / 2);
        Copy(picture.Cr, picture.Width / 2, panorama.Cr, panorama.Width / 2, left / 2, top / 2);
    }

    private static void Copy(ReadOnlySpan<byte> source, int width, byte[] target, int around, int left, int top)
    {
        for (var row = 0; row < source.Length / width && row + top < target.Length / around; row++)
        {
            for (var x = 0; x < width; x++)
                target[((row + top) * around) + ((left + x + around) % around)] = source[(row * width) + x];
        }
    }

    /// <summary>Goes on from a row of the panorama, coarsely: towards a colour, with another as pattern on it; in Y, Cb and Cr.</summary>
    private Layer PaintPlain(Layer panorama, int height, int edge, Func<float, float, float, (Vector3 Colour, float Share, Vector3 Pattern, float Cover)> paint)
    {
        var layer = new Layer(Around / Coarse, Math.Max(2, height / Coarse));
        var sums = SumsAlong(panorama, edge);
        Parallel.For(0, layer.Height, y =>
        {
            var t = edge == 0 ? 1 - ((y + 1) / (float)layer.Height) : y / (float)layer.Height;
            var reach = Math.Min((int)(t * layer.Width / 3), layer.Width / 8); // farther away the row's detail is smoothed out
            for (var x = 0; x < layer.Width; x++)
            {
                var mean = (sums[x + layer.Width + reach + 1] - sums[x + layer.Width - reach]) / ((2 * reach) + 1);
                var (colour, share, pattern, cover) = paint(t, x / (float)layer.Width, t);
                var mixed = Shape.Mix(Shape.Mix(mean, colour, share), pattern, cover);
                layer.Luma[(y * layer.Width) + x] = (byte)mixed.X;
                if (((x | y) & 1) != 0)
                    continue;
                layer.Cb[(y / 2 * (layer.Width / 2)) + (x / 2)] = (byte)mixed.Y;
                layer.Cr[(y / 2 * (layer.Width / 2)) + (x / 2)] = (byte)mixed.Z;
            }
        });
        return layer;
    }

    /// <summary>Running sums of a row's colours in Y, Cb and Cr, coarsely, three times around.</summary>
    private Vector3[] SumsAlong(Layer panorama, int edge)
    {
        var width = Around / Coarse;
        var sums = new Vector3[(3 * width) + 1];
        for (var i = 0; i < 3 * width; i++)
        {
            var x = i % width * Coarse;
            var luma = 0;
            for (var j = 0; j < Coarse; j++)
                luma += panorama.Luma[(edge * panorama.Width) + x + j];
            var chroma = (edge / 2 * (panorama.Width / 2)) + (x / 2);
            sums[i + 1] = sums[i] + new Vector3(luma / (float)Coarse, panorama.Cb[chroma], panorama.Cr[chroma]);
        }

        return sums;
    }
}
