using System.Numerics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>
/// The far part of the panorama, opaque: a low sun, clouds, three ranges of mountains, a city on the far shore, and water that mirrors
/// them. It is painted once, a row at a time, and wraps around. Lengths are in units of the picture's height, Y from the top.
/// </summary>
internal sealed class Backdrop
{
    /// <summary>Where water meets sky.</summary>
    public const float Horizon = 0.56f;

    /// <summary>Where the sun stands, as a fraction of the panorama's width.</summary>
    public const float SunAt = 0.30f;

    private const float SunHeight = 0.435f;
    private const float SunRadius = 0.036f;

    private static readonly Vector3[] WarmSky = [Shape.Colour(0x3F6FA8), Shape.Colour(0x86A9BF), Shape.Colour(0xF3CE9A), Shape.Colour(0xFFAE6B)];
    private static readonly Vector3[] CoolSky = [Shape.Colour(0x28508C), Shape.Colour(0x5C7FAE), Shape.Colour(0xAFA9BE), Shape.Colour(0xE3B7A6)];

    private readonly int _width;
    private readonly int _height;
    private readonly uint _seed;
    private readonly float[] _away; // how far from the sun each column lies, the short way round
    private readonly float[] _warmth;
    private readonly float[] _lean; // towards the sun: 1 east of it, -1 west of it
    private readonly Vector3[] _haze;
    private readonly Texture _clouds;
    private readonly Texture _rock;
    private readonly MountainRange[] _ranges;
    private readonly Skyline _skyline;

    private Backdrop(int width, int height, uint seed)
    {
        _width = width;
        _height = height;
        _seed = seed;
        (_away, _warmth, _lean, _haze) = (new float[width], new float[width], new float[width], new Vector3[width]);
        for (var x = 0; x < width; x++)
        {
            var fraction = (x / (float)width) - SunAt;
            var away = _away[x] = (fraction - MathF.Round(fraction)) * width / height;
            _lean[x] = Math.Clamp(MathF.Sin(fraction * MathF.Tau) * 4, -1, 1);
            _warmth[x] = MathF.Exp(-away * away / 1.6f);
            _haze[x] = Shape.Mix(Shape.Colour(0xD9B3A8), Shape.Colour(0xFFC98E), MathF.Exp(-away * away / 0.8f));
        }

        _clouds = Texture.Create(seed + 11, first: 4, octaves: 6);
        _rock = Texture.Create(seed + 23, first: 4, octaves: 7);
        _ranges =
        [
            new(_rock, width, height, seed + 1, foot: Horizon, least: 0.040f, most: 0.300f, peaks: 7, haze: 0.40f, Shape.Colour(0x66739A), snowLine: 0.375f),
            new(_rock, width, height, seed + 2, foot: Horizon, least: 0.020f, most: 0.165f, peaks: 9, haze: 0.26f, Shape.Colour(0x46607F), snowLine: 0f),
            new(_rock, width, height, seed + 3, foot: Horizon, least: 0.002f, most: 0.080f, peaks: 13, haze: 0.08f, Shape.Colour(0x2F5049), snowLine: 0f),
        ];
        _skyline = new(width, height, seed + 5);
    }

    public static Layer Paint(int width, int height, uint seed)
    {
        var backdrop = new Backdrop(width, height, seed);
        var layer = new Layer(width, height);
        var land = new Vector4[(int)(Horizon * height) / 2 * 2][];
        Parallel.For(0, land.Length / 2, pair =>
        {
            for (var y = pair * 2; y < (pair * 2) + 2; y++)
                land[y] = backdrop.LandRow(y);
            layer.SetRows(pair * 2, land[pair * 2], land[(pair * 2) + 1]);
        });
        Parallel.For(land.Length / 2, height / 2, pair =>
            layer.SetRows(pair * 2, backdrop.WaterRow(pair * 2, land), backdrop.WaterRow((pair * 2) + 1, land)));
        return layer;
    }

    private Vector4[] LandRow(int y)
    {
        var row = new Vector4[_width];
        var v = (y + 0.5f) / _height;
        for (var x = 0; x < _width; x++)
        {
            var colour = Sky(x, v);
            foreach (var range in _ranges)
                colour = range.Over(colour, x, v, _haze[x]);
            colour = _skyline.Over(colour, x, y, v, _haze[x]);
            row[x] = new(colour, 1);
        }

        return row;
    }

    private Vector3 Sky(int x, float v)
    {
        var t = v / Horizon;
        var (away, warmth) = (_away[x], _warmth[x]);
        var sky = Shape.Mix(Shape.Gradient(CoolSky, t), Shape.Gradient(WarmSky, t), warmth);

        // Flat layers of cloud that draw together towards the horizon.
        var depth = 0.30f / (1.12f - t);
        var u = x * 3f / _width;
        var cover = _clouds.Sample(u, depth);
        var density = Shape.Step(0.53f, 0.78f, cover) * Shape.Step(1.02f, 0.72f, t);
        if (density > 0)
        {
            var towardsSun = _clouds.Sample(u - (_lean[x] * 0.012f), depth + 0.035f);
            var light = Math.Clamp(0.50f + ((cover - towardsSun) * 3.5f) + (0.30f * warmth), 0, 1);
            var shade = Shape.Mix(Shape.Colour(0x7D86A6), Shape.Colour(0xA9899A), warmth);
            var lit = Shape.Mix(Shape.Colour(0xF4E3DC), Shape.Colour(0xFFE0B4), warmth);
            sky = Shape.Mix(sky, Shape.Mix(shade, lit, light), density * 0.85f);
        }

        var distance = MathF.Sqrt((away * away) + ((v - SunHeight) * (v - SunHeight)));
        if (distance < 1.2f)
        {
            sky = Shape.Mix(sky, Shape.Colour(0xFFDD9E), 0.42f * MathF.Exp(-distance / 0.30f));
            sky = Shape.Mix(sky, Shape.Colour(0xFFF0C2), 0.80f * MathF.Exp(-Math.Max(0, distance - SunRadius) / 0.055f));
        }

        return Shape.Mix(sky, Shape.Colour(0xFFFBEA), Shape.Step(SunRadius + 0.0015f, SunRadius - 0.0015f, distance));
    }

    private Vector4[] WaterRow(int y, Vector4[][] land)
    {
        var row = new Vector4[_width];
        var near = (y + 0.5f - land.Length) / (_height - land.Length); // 0 at the horizon, 1 at the picture's lower edge
        var perspective = 0.9f / (near + 0.035f);
        for (var x = 0; x < _width; x++)
        {
            var away = _away[x];
            var u = x / (float)_width;
            var swell = _rock.Sample(u * 24, perspective * 1.9f) - 0.5f;
            var ripple = _rock.Sample(u * 90, perspective * 6.1f) - 0.5f;
            var wave = (swell * 0.65f) + (ripple * 0.35f);

            var mirrored = (land.Length - 1) - ((y - land.Length) * 1.15f) - (wave * _height * (0.02f + (0.30f * near)));
            var from = Math.Clamp((int)mirrored, 0, land.Length - 1);
            var across = (x + (int)(ripple * _height * 0.03f) + _width) % _width;
            var reflection = land[from][across].AsVector3();

            var deep = Shape.Mix(Shape.Colour(0x2F6477), Shape.Colour(0x123A52), near);
            var colour = Shape.Mix(reflection * new Vector3(0.90f, 0.94f, 0.97f), deep, Math.Clamp(0.12f + (0.55f * near) - (wave * 0.5f), 0, 0.85f));

            var spread = 0.035f + (0.20f * near);
            if (Math.Abs(away) < spread * 2.5f)
                colour = Shape.Mix(colour, Shape.Colour(0xFFEABA), 0.85f * MathF.Exp(-away * away / (spread * spread)) * Shape.Step(-0.02f, 0.16f, wave));
            row[x] = new(colour, 1);
        }

        return row;
    }
}
