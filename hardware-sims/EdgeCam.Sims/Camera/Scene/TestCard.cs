using System.Numerics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>A small test card: 75 % colour bars, a grey ramp in eleven steps, and lines that get finer.</summary>
internal static class TestCard
{
    private static readonly Vector3[] Bars =
    [
        new(0.75f, 0.75f, 0.75f), new(0.75f, 0.75f, 0), new(0, 0.75f, 0.75f), new(0, 0.75f, 0), new(0.75f, 0, 0.75f), new(0.75f, 0, 0), new(0, 0, 0.75f),
    ];

    public static Layer Paint(int height)
    {
        var (pixel, wide) = (1f / height, 1.5f);
        var frame = 2.5f * pixel;
        return Layer.Paint((int)(height * wide), height, 1, p =>
        {
            if (p.X < frame || p.Y < frame || p.X > wide - frame || p.Y > 1 - frame)
                return new(1, 1, 1, 0.75f);
            var across = (p.X - frame) / (wide - (2 * frame));
            return new(p.Y < 0.60f ? Bars[Math.Min((int)(across * 7), 6)] : p.Y < 0.82f ? new(Math.Min((int)(across * 11), 10) / 10f) : Lines(p.X - frame, across, pixel), 1);
        });
    }

    /// <summary>Vertical lines of four, three, two and one pixel, a quarter of the width each.</summary>
    private static Vector3 Lines(float x, float across, float pixel)
    {
        var width = 4 - Math.Min((int)(across * 4), 3);
        return new(((int)(x / pixel) / width & 1) == 0 ? 0.92f : 0.06f);
    }
}
