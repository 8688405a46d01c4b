using System.Numerics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>One ridge line with what lies below it: rock lit from the sun's side, snow above a line, haze towards its foot.</summary>
internal sealed class MountainRange
{
    private readonly Texture _rock;
    private readonly int _width;
    private readonly float[] _edge; // how steeply cover rises below the ridge: a slope's edge is soft over one pixel across it
    private readonly float[] _side; // 1 east of the sun, -1 west of it
    private readonly float _most;
    private readonly float _haze;
    private readonly float _snowLine;
    private readonly Vector3 _colour;
    private readonly float[] _top;
    private readonly float[] _slope;

    public MountainRange(
        Texture rock, int width, int height, uint seed, float foot, float least, float most, int peaks, float haze, Vector3 colour, float snowLine)
    {
        (_rock, _width, _most, _haze, _colour, _snowLine) = (rock, width, most, haze, colour, snowLine);
        _edge = new float[width];
        _side = new float[width];
        _top = new float[width];
        _slope = new float[width];
        float low = float.MaxValue, high = float.MinValue;
        for (var x = 0; x < width; x++)
        {
            _top[x] = Ridge(seed, x / (float)width, peaks);
            (low, high) = (Math.Min(low, _top[x]), Math.Max(high, _top[x]));
        }

        for (var x = 0; x < width; x++)
        {
            var u = x / (float)width;
            var ridge = (_top[x] - low) / (high - low);
            var fromSun = Math.Abs(u - Backdrop.SunAt - MathF.Round(u - Backdrop.SunAt)) * width / height;
            var open = Shape.Step(0.10f, 1.25f, fromSun); // the sun sets over open water
            _top[x] = foot - ((least + ((most - least) * ridge)) * open) + ((1 - open) * 0.004f);
        }

        var reach = Math.Max(1, height / 60); // the slope of the mountain, not of its every stone
        for (var x = 0; x < width; x++)
        {
            _slope[x] = (_top[(x + reach) % width] - _top[(x + width - reach) % width]) * height / (2 * reach);
            var step = (_top[(x + 1) % width] - _top[(x + width - 1) % width]) * height / 2;
            _edge[x] = height / MathF.Sqrt(1 + (step * step));
            _side[x] = Math.Clamp(MathF.Sin(((x / (float)width) - Backdrop.SunAt) * MathF.Tau) * 4, -1, 1);
        }
    }

    public Vector3 Over(Vector3 behind, int x, float v, Vector3 haze)
    {
        var below = v - _top[x];
        var cover = (below * _edge[x]) + 0.5f;
        if (cover <= 0)
            return behind;
        var u = x / (float)_width;
        var grain = _rock.Sample((u * 14) + (below * 0.9f), v * 3.1f);
        var side = _side[x];
        var sunward = _rock.Sample((u * 14) + (below * 0.9f) - (side * 0.030f), (v * 3.1f) - 0.018f);
        var fine = _rock.Sample(u * 46, (v * 9) + (below * 2));
        var light = Math.Clamp(0.5f + ((grain - sunward) * 3.4f) + ((fine - 0.5f) * 0.4f) + (0.12f * Math.Clamp(-_slope[x] * side, -1, 1)), 0, 1);
        var colour = _colour * Shape.Mix(0.62f, 1.28f, light);
        colour += new Vector3(0.13f, 0.06f, 0.00f) * light;
        if (_snowLine > 0)
        {
            var snow = Shape.Step(_snowLine + 0.035f, _snowLine - 0.055f, v + ((grain - 0.5f) * 0.10f) + ((fine - 0.5f) * 0.05f));
            var white = Shape.Mix(Shape.Colour(0x93A6CC), Shape.Colour(0xFFF3EA), light);
            colour = Shape.Mix(colour, white, snow * 0.9f);
        }

        var depth = _haze + ((1 - _haze) * 0.55f * Shape.Step(0.02f, _most, below));
        return Shape.Mix(behind, Shape.Mix(colour, haze, Math.Clamp(depth, 0, 0.92f)), Math.Min(cover, 1));
    }

    /// <summary>Sharp-crested noise in one dimension that wraps around the panorama.</summary>
    private static float Ridge(uint seed, float u, int peaks)
    {
        float sum = 0, weight = 1;
        for (var octave = 0; octave < 6; octave++)
        {
            var cells = peaks << octave;
            var at = u * cells;
            var cell = (int)at;
            var value = Shape.Mix(
                Texture.Hash(seed, cell % cells, octave), Texture.Hash(seed, (cell + 1) % cells, octave), octave < 2 ? Shape.Smooth(at - cell) : at - cell);
            sum += weight * (octave == 0 ? value : 1 - Math.Abs((2 * value) - 1));
            weight *= octave == 0 ? 0.55f : 0.48f;
        }

        return sum;
    }
}
