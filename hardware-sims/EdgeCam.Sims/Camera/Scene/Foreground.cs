using System.Numerics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>
/// The near part of the panorama, with alpha: a stone viaduct across the water, wooded hills, and the towers of wind turbines. It pans
/// faster than the backdrop, which gives the picture its depth.
/// </summary>
internal sealed class Foreground
{
    /// <summary>The first row of the layer, in units of the picture's height.</summary>
    public const float Top = 0.44f;

    /// <summary>The viaduct's deck, on which the train runs.</summary>
    public const float Deck = 0.800f;

    private const float DeckDepth = 0.020f;
    private const float Waterline = 0.955f;

    private static readonly Vector2[] Turbines = [new(0.075f, 0.545f), new(0.128f, 0.505f), new(0.168f, 0.560f), new(0.655f, 0.530f), new(0.705f, 0.500f)];
    private static readonly Vector3 Rim = Shape.Colour(0xFFC98A);

    private readonly int _width;
    private readonly int _height;
    private readonly float _aspect;
    private readonly Texture _grain;
    private readonly float[] _ground;
    private readonly List<Tree>[] _trees;
    private readonly float _span; // the distance of two piers, dividing the panorama evenly
    private readonly uint _seed;

    private Foreground(int width, int height, uint seed)
    {
        (_width, _height, _seed) = (width, height, seed);
        _aspect = width / (float)height;
        _span = _aspect / MathF.Round(_aspect / 0.128f);
        _grain = Texture.Create(seed + 31, first: 8, octaves: 5);
        _ground = new float[width];
        for (var x = 0; x < width; x++)
            _ground[x] = Ground(x / (float)width);
        _trees = Plant();
    }

    /// <summary>The wind turbines: where they stand as a fraction of the panorama's width, and the height of the hub.</summary>
    public static ReadOnlySpan<Vector2> Hubs => Turbines;

    public static Layer Paint(int width, int height, uint seed)
    {
        var foreground = new Foreground(width, height, seed);
        var top = (int)(Top * height) / 2 * 2;
        var layer = new Layer(width, height - top);
        Parallel.For(0, layer.Height / 2, pair =>
            layer.SetRows(pair * 2, foreground.Row(top + (pair * 2)), foreground.Row(top + (pair * 2) + 1)));
        return layer;
    }

    private Vector4[] Row(int y)
    {
        var row = new Vector4[_width];
        var v = (y + 0.5f) / _height;
        for (var x = 0; x < _width; x++)
        {
            var colour = Viaduct(x, v);
            colour = Tower(colour, x, v);
            row[x] = Hill(colour, x, v);
        }

        return row;
    }

    private Vector4 Viaduct(int x, float v)
    {
        if (v < Deck - 0.004f)
            return default;
        var s = x / (float)_height;
        var across = s - (MathF.Floor(s / _span) * _span) - (_span / 2);
        var radius = (_span / 2) - 0.017f;
        var spring = Deck + DeckDepth + 0.012f + radius;
        var opening = v > spring ? radius - Math.Abs(across) : radius - MathF.Sqrt((across * across) + ((v - spring) * (v - spring)));
        var cover = v < Deck + DeckDepth ? 1 : Math.Clamp((-opening * _height) + 0.5f, 0, 1);
        cover *= Shape.Step(Waterline + 0.03f, Waterline - 0.01f, v); // the piers fade into the water
        var u = x / (float)_width;
        var stone = Shape.Mix(Shape.Colour(0x8A7466), Shape.Colour(0xC7A98C), _grain.Sample(u * 40, v * 12));
        var course = (int)(v * 110);
        if (Texture.Hash(_seed, (int)((s * 70) + ((course & 1) * 0.5f)), course) > 0.7f)
            stone *= 0.93f;
        stone *= v < Deck + 0.006f ? 1.18f : v < Deck + 0.009f ? 0.72f : 1; // the parapet and its shadow
        stone *= Shape.Mix(0.80f, 1.04f, Shape.Step(-0.05f, 0.004f, -opening)) * Shape.Mix(1, 0.62f, Shape.Step(Deck, Waterline, v));
        return new(stone, v < Deck ? 0 : cover);
    }

    private Vector4 Tower(Vector4 behind, int x, float v)
    {
        foreach (var hub in Hubs)
        {
            var across = Math.Abs((x / (float)_width) - hub.X) * _aspect;
            if (across > 0.02f || v < hub.Y)
                continue;
            var half = 0.0026f + (0.0048f * (v - hub.Y) / 0.4f);
            var cover = Math.Clamp(((half - across) * _height) + 0.5f, 0, 1);
            var side = ((x / (float)_width) - hub.X) * _aspect / half;
            var white = Shape.Mix(Shape.Colour(0xFFF3E4), Shape.Colour(0x8D93A6), Math.Clamp(0.5f + (side * 0.45f), 0, 1));
            behind = Over(behind, white, cover);
        }

        return behind;
    }

    private Vector4 Hill(Vector4 behind, int x, float v)
    {
        var u = x / (float)_width;
        var ground = _ground[x];
        foreach (var tree in _trees[x * _trees.Length / _width])
        {
            var down = v - tree.Tip;
            if (down <= 0 || v > tree.Foot + 0.01f)
                continue;
            var across = (u - tree.At - MathF.Round(u - tree.At)) * _aspect;
            var tier = down / tree.Height * 7;
            var half = down * 0.30f * (0.62f + (0.38f * (tier - MathF.Floor(tier))));
            var cover = Math.Clamp(((half - Math.Abs(across)) * _height) + 0.5f, 0, 1);
            if (cover <= 0)
                continue;
            var lit = Math.Clamp(across / Math.Max(half, 1e-5f) * tree.SunSide, 0, 1);
            var needles = _grain.Sample(u * 120, v * 34);
            var green = Shape.Mix(Shape.Colour(0x14262B), Shape.Colour(0x37553F), (tree.Tone * 0.5f) + (needles * 0.5f));
            green = Shape.Mix(green, Rim * 0.75f, lit * lit * 0.34f * (0.5f + needles));
            behind = Over(behind, green * Shape.Mix(1.12f, 0.72f, down / tree.Height), cover);
        }

        var below = v - ground;
        if (below <= -1f / _height)
            return behind;
        var grain = _grain.Sample(u * 60, v * 14);
        var grass = Shape.Mix(Shape.Colour(0x7B8A4A), Shape.Colour(0x1F3530), Shape.Step(-0.01f, 0.13f, below + ((grain - 0.5f) * 0.06f)));
        grass = Shape.Mix(grass, Rim, 0.55f * MathF.Exp(-below * 160)) * (0.82f + (0.36f * grain));
        return Over(behind, grass, Math.Clamp((below * _height) + 0.5f, 0, 1));
    }

    /// <summary>Hills that rise out of the water and sink below the picture's edge, so that the viaduct shows between them.</summary>
    private float Ground(float u)
    {
        var rise = 0f;
        foreach (var (at, wide, high) in ((float, float, float)[])[(0.115f, 0.095f, 0.235f), (0.40f, 0.055f, 0.10f), (0.685f, 0.085f, 0.205f), (0.905f, 0.06f, 0.13f)])
        {
            var away = u - at - MathF.Round(u - at);
            rise = Math.Max(rise, high * MathF.Exp(-MathF.Pow(Math.Abs(away) / wide, 2.6f)));
        }

        return 1.03f - rise - (0.030f * (_grain.Sample(u * 2, 0.3f) - 0.5f)) - (0.004f * _grain.Sample(u * 30, 0.7f));
    }

    private List<Tree>[] Plant()
    {
        var buckets = new List<Tree>[256];
        for (var i = 0; i < buckets.Length; i++)
            buckets[i] = [];
        var trees = new List<Tree>();
        for (var i = 0; i < 520; i++)
        {
            var at = Texture.Hash(_seed + 7, i, 1);
            var ground = _ground[(int)(at * (_width - 1))];
            var crowd = _grain.Sample(at * 5, 0.11f);
            if (ground > 0.985f || crowd < 0.40f || NearTower(at))
                continue;
            var size = 0.050f + (0.075f * Texture.Hash(_seed + 7, i, 2) * Math.Clamp(crowd * 1.6f, 0.4f, 1.2f));
            var foot = ground + (0.055f * Texture.Hash(_seed + 7, i, 3));
            var sunSide = at - Backdrop.SunAt - MathF.Round(at - Backdrop.SunAt) > 0 ? -1 : 1;
            trees.Add(new(at, foot - size, foot, size, Texture.Hash(_seed + 7, i, 4), sunSide));
        }

        trees.Sort((a, b) => a.Foot.CompareTo(b.Foot)); // far ones first
        foreach (var tree in trees)
        {
            var reach = (tree.Height * 0.32f / _aspect) + (1f / buckets.Length);
            for (var bucket = (int)MathF.Floor((tree.At - reach) * buckets.Length); bucket <= (int)((tree.At + reach) * buckets.Length); bucket++)
                buckets[(bucket + buckets.Length) % buckets.Length].Add(tree);
        }

        return buckets;
    }

    private static bool NearTower(float at)
    {
        foreach (var hub in Hubs)
        {
            if (Math.Abs(hub.X - at) < 0.006f)
                return true;
        }

        return false;
    }

    private static Vector4 Over(Vector4 behind, Vector3 colour, float cover)
    {
        var alpha = cover + (behind.W * (1 - cover));
        return alpha <= 0 ? default : new(((colour * cover) + (behind.AsVector3() * behind.W * (1 - cover))) / alpha, alpha);
    }

    private readonly record struct Tree(float At, float Tip, float Foot, float Height, float Tone, int SunSide);
}
