using System.Numerics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>What people built on the far shore: a city with lit windows, and a striped lighthouse on its rock.</summary>
internal sealed class Skyline
{
    /// <summary>Where the lighthouse stands, as a fraction of the panorama's width, and the height of its lamp.</summary>
    public const float LighthouseAt = 0.435f;
    public const float LampHeight = 0.418f;

    private const float CityFrom = 0.60f;
    private const float CityTo = 0.82f;
    private const float Shore = Backdrop.Horizon - 0.004f;

    private readonly int _width;
    private readonly int _height;
    private readonly uint _seed;
    private readonly int[] _building;
    private readonly float[] _roof;

    public Skyline(int width, int height, uint seed)
    {
        (_width, _height, _seed) = (width, height, seed);
        _building = new int[width];
        _roof = new float[width];
        Array.Fill(_roof, 1);
        var number = 0;
        for (var x = (int)(CityFrom * width); x < (int)(CityTo * width);)
        {
            number++;
            var middle = 1 - Math.Abs(((x / (float)width) - ((CityFrom + CityTo) / 2)) / ((CityTo - CityFrom) / 2));
            var tall = 0.012f + (0.028f * Texture.Hash(seed, number, 1)) + (0.115f * middle * MathF.Pow(Texture.Hash(seed, number, 2), 2.2f));
            var wide = Math.Max(3, (int)((0.016f + (0.022f * Texture.Hash(seed, number, 3))) * height));
            var roof = (int)((Shore - tall) * height) / (float)height;
            for (var i = 0; i < wide && x < width; i++, x++)
            {
                var spire = tall > 0.09f && i == wide / 2 ? 0.018f : 0;
                var step = tall > 0.06f && (i < wide / 5 || i >= wide - (wide / 5)) ? 0.012f : 0;
                (_building[x], _roof[x]) = (number, roof - spire + step);
            }
        }
    }

    public Vector3 Over(Vector3 behind, int x, int y, float v, Vector3 haze)
    {
        var colour = v > _roof[x] && v < Shore ? Building(x, y, v, haze) : behind;
        return Lighthouse(colour, x, v);
    }

    private Vector3 Building(int x, int y, float v, Vector3 haze)
    {
        var number = _building[x];
        var tone = Texture.Hash(_seed, number, 4);
        var wall = Shape.Mix(Shape.Mix(Shape.Colour(0x2E3B5C), Shape.Colour(0x5B5470), tone), haze, 0.06f + (0.20f * Shape.Step(Shore - 0.10f, Shore, v)));
        var pitch = Math.Max(3, _height / 180);
        var (column, storey) = (x / pitch, y / pitch);
        if (x % pitch == 0 || y % pitch == 0 || v < _roof[x] + 0.006f)
            return wall;
        var lit = Texture.Hash(_seed + (uint)number, column, storey);
        return lit > 0.70f ? Shape.Mix(wall, Shape.Mix(Shape.Colour(0xFFC46B), Shape.Colour(0xFFF0C8), tone), 0.55f + (0.45f * lit)) : wall * 0.93f;
    }

    private Vector3 Lighthouse(Vector3 behind, int x, float v)
    {
        var across = ((x / (float)_width) - LighthouseAt) * _width / _height;
        if (Math.Abs(across) > 0.2f || v < LampHeight - 0.03f)
            return behind;
        var soft = 1.2f / _height;
        var jag = 0.030f + (0.006f * MathF.Sin(across * 160)) + (0.004f * MathF.Sin(across * 371));
        var rock = Shore + 0.006f - (jag * MathF.Exp(-across * across / 0.0042f));
        var colour = Shape.Mix(behind, Shape.Mix(Shape.Colour(0x5B4C4A), Shape.Colour(0x3A3238), Shape.Step(-0.05f, 0.06f, across)), Shape.Step(rock - soft, rock + soft, v));

        var half = 0.0085f + (0.0065f * ((v - LampHeight) / (Shore - LampHeight)));
        var stripe = (int)((v - LampHeight) / 0.0215f) % 2 == 0 ? Shape.Colour(0xC9453A) : Shape.Colour(0xF6ECE0);
        var shaded = stripe * Shape.Mix(1.05f, 0.55f, Shape.Step(-half, half, across));
        if (v > LampHeight + 0.004f && v < rock + 0.006f)
            colour = Shape.Mix(colour, shaded, Shape.Step(half + soft, half - soft, Math.Abs(across)));
        if (v > LampHeight + 0.001f && v < LampHeight + 0.006f)
            colour = Shape.Mix(colour, Shape.Colour(0x2B2B33), Shape.Step(0.0125f + soft, 0.0125f - soft, Math.Abs(across)));
        if (v <= LampHeight + 0.001f && v > LampHeight - 0.014f)
            colour = Shape.Mix(colour, Shape.Colour(0xFFE9A8), Shape.Step(0.0065f + soft, 0.0065f - soft, Math.Abs(across)));
        if (v <= LampHeight - 0.014f && v > LampHeight - 0.024f)
            colour = Shape.Mix(colour, Shape.Colour(0x8F2F2A), Shape.Step(soft, -soft, Math.Abs(across) - (0.009f * ((v - LampHeight + 0.024f) / 0.010f))));
        return colour;
    }
}
