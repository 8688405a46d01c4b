using System.Numerics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>The little geometry and colour arithmetic that the painters share.</summary>
internal static class Shape
{
    public static float Mix(float a, float b, float t) => a + ((b - a) * t);

    public static Vector3 Mix(Vector3 a, Vector3 b, float t) => Vector3.Lerp(a, b, t);

    /// <summary>0 at and below the first edge, 1 at and above the second, smooth between.</summary>
    public static float Step(float from, float to, float x) => Smooth(Math.Clamp((x - from) / (to - from), 0, 1));

    public static float Smooth(float t) => t * t * (3 - (2 * t));

    public static Vector3 Colour(uint rgb) => new Vector3((rgb >> 16) & 255, (rgb >> 8) & 255, rgb & 255) / 255f;

    /// <summary>A colour along evenly spaced stops.</summary>
    public static Vector3 Gradient(ReadOnlySpan<Vector3> stops, float t)
    {
        var at = Math.Clamp(t, 0, 1) * (stops.Length - 1);
        var index = Math.Min((int)at, stops.Length - 2);
        return Mix(stops[index], stops[index + 1], Smooth(at - index));
    }

    /// <summary>How far a point lies from a line segment.</summary>
    public static float Distance(Vector2 p, Vector2 a, Vector2 b)
    {
        var ab = b - a;
        var t = Math.Clamp(Vector2.Dot(p - a, ab) / Math.Max(ab.LengthSquared(), 1e-9f), 0, 1);
        return Vector2.Distance(p, a + (ab * t));
    }

    /// <summary>Whether a point lies inside a polygon (even-odd rule).</summary>
    public static bool Inside(Vector2 p, ReadOnlySpan<Vector2> polygon)
    {
        var inside = false;
        for (int i = 0, j = polygon.Length - 1; i < polygon.Length; j = i++)
        {
            if (polygon[i].Y > p.Y != polygon[j].Y > p.Y
                && p.X < ((polygon[j].X - polygon[i].X) * (p.Y - polygon[i].Y) / (polygon[j].Y - polygon[i].Y)) + polygon[i].X)
                inside = !inside;
        }

        return inside;
    }
}
