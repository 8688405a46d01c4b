namespace EdgeCam.Sims.Camera.Scene;

/// <summary>Fractal value noise that tiles in both directions, drawn once and sampled bilinearly: the grain of clouds, rock and water.</summary>
internal sealed class Texture
{
    private const int Size = 256;
    private readonly float[] _values = new float[Size * Size];

    private Texture()
    {
    }

    /// <param name="first">Lattice cells a tile in the lowest octave; a power of two.</param>
    public static Texture Create(uint seed, int first, int octaves)
    {
        var texture = new Texture();
        var values = texture._values;
        float low = float.MaxValue, high = float.MinValue;
        for (var octave = 0; octave < octaves; octave++)
            texture.AddOctave(seed + (uint)octave, Math.Min(first << octave, Size), 1f / (1 << octave));
        foreach (var value in values)
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        for (var i = 0; i < values.Length; i++)
            values[i] = (values[i] - low) / (high - low);
        return texture;
    }

    /// <summary>The value at a place measured in tiles, from 0 to 1.</summary>
    public float Sample(float u, float v)
    {
        var x = (u - MathF.Floor(u)) * Size;
        var y = (v - MathF.Floor(v)) * Size;
        int x0 = (int)x, y0 = (int)y;
        float fx = x - x0, fy = y - y0;
        x0 &= Size - 1;
        y0 &= Size - 1;
        int x1 = (x0 + 1) & (Size - 1), y1 = (y0 + 1) & (Size - 1);
        var top = _values[(y0 * Size) + x0] + ((_values[(y0 * Size) + x1] - _values[(y0 * Size) + x0]) * fx);
        var bottom = _values[(y1 * Size) + x0] + ((_values[(y1 * Size) + x1] - _values[(y1 * Size) + x0]) * fx);
        return top + ((bottom - top) * fy);
    }

    /// <summary>A hash of two whole numbers as a fraction, the same for the same seed.</summary>
    public static float Hash(uint seed, int x, int y)
    {
        var h = ((uint)x * 0x85EBCA6B) ^ ((uint)y * 0xC2B2AE35) ^ (seed * 0x9E3779B9);
        h ^= h >> 15;
        h *= 0x2C1B3C6D;
        h ^= h >> 12;
        h *= 0x297A2D39;
        h ^= h >> 15;
        return h / (float)uint.MaxValue;
    }

    private void AddOctave(uint seed, int cells, float weight)
    {
        for (var y = 0; y < Size; y++)
        {
            var v = y * cells / (float)Size;
            var cellY = (int)v;
            var fy = Shape.Smooth(v - cellY);
            for (var x = 0; x < Size; x++)
            {
                var u = x * cells / (float)Size;
                var cellX = (int)u;
                var fx = Shape.Smooth(u - cellX);
                int nextX = (cellX + 1) % cells, nextY = (cellY + 1) % cells;
                var top = Shape.Mix(Hash(seed, cellX, cellY), Hash(seed, nextX, cellY), fx);
                var bottom = Shape.Mix(Hash(seed, cellX, nextY), Hash(seed, nextX, nextY), fx);
                _values[(y * Size) + x] += weight * Shape.Mix(top, bottom, fy);
            }
        }
    }
}
