using System.Numerics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>Paints the things that move. Each painter works in units of its sprite's height, Y downwards.</summary>
internal static class Sprites
{
    private const int Samples = 4;

    public static Layer Boat(int height, Vector3 sail) => Layer.Paint(height, height, Samples, p =>
    {
        if (Shape.Inside(p, [new(0.12f, 0.76f), new(0.92f, 0.74f), new(0.80f, 0.87f), new(0.22f, 0.87f)]))
            return new(p.Y < 0.785f ? Shape.Colour(0xFFF4E6) : Shape.Colour(0x7A3B33), 1);
        if (Shape.Inside(p, [new(0.50f, 0.05f), new(0.53f, 0.70f), new(0.88f, 0.70f), new(0.70f, 0.40f)]))
            return new(Shape.Mix(sail, sail * 0.72f, (p.X - 0.5f) * 2.2f), 1);
        if (Shape.Inside(p, [new(0.47f, 0.13f), new(0.47f, 0.70f), new(0.14f, 0.71f), new(0.33f, 0.42f)]))
            return new(Shape.Mix(Shape.Colour(0xFFF3E0), Shape.Colour(0xC9BDB9), 1 - p.X * 2), 1);
        if (Shape.Distance(p, new(0.49f, 0.03f), new(0.49f, 0.78f)) < 0.010f)
            return new(Shape.Colour(0x4B3A34), 1);
        var below = (p.Y - 0.87f) / 0.13f; // a shimmer of the hull and sails in the water
        return below is > 0 and < 1 && Math.Abs(p.X - 0.52f) < 0.30f - (0.12f * below) ? new(Shape.Colour(0x31424F), 0.45f * (1 - below)) : default;
    });

    public static Layer Balloon(int height) => Layer.Paint(height * 3 / 4, height, Samples, p =>
    {
        var middle = new Vector2(0.375f, 0.345f);
        var q = p - middle;
        var squeeze = q.Y > 0 ? 1 + (0.75f * q.Y * q.Y / 0.09f * 0.32f) : 1;
        var radius = MathF.Sqrt((q.X * q.X * squeeze * squeeze) + (q.Y * q.Y * (q.Y > 0 ? 0.62f : 1.05f)));
        if (radius < 0.325f && p.Y < 0.745f)
        {
            var around = MathF.Asin(Math.Clamp(q.X * squeeze / MathF.Sqrt(Math.Max(0.1056f - (q.Y * q.Y * 0.62f), 0.004f)), -1, 1));
            Vector3[] cloth = [Shape.Colour(0xD8483C), Shape.Colour(0xF5D27A), Shape.Colour(0x2F7F8C), Shape.Colour(0xF7EFE0)];
            var gore = cloth[((int)MathF.Floor((around / MathF.PI * 8) + 0.5f) + 8) % 4];
            if (Math.Abs(q.Y - 0.05f) < 0.022f)
                gore = Shape.Colour(0xF7EFE0);
            return new(gore * (1.08f - (1.15f * MathF.Max(0, q.X + 0.05f)) - (0.5f * MathF.Max(0, -q.X - 0.15f))), 1);
        }

        if (p.Y is > 0.87f and < 0.965f && Math.Abs(q.X) < 0.058f - ((p.Y - 0.87f) * 0.12f))
            return new(p.Y < 0.885f ? Shape.Colour(0xB98B55) : Shape.Colour(0x6E4A2C), 1);
        var rope = Math.Min(
            Math.Min(Shape.Distance(p, new(0.285f, 0.70f), new(0.325f, 0.875f)), Shape.Distance(p, new(0.465f, 0.70f), new(0.425f, 0.875f))),
            Math.Min(Shape.Distance(p, new(0.345f, 0.74f), new(0.350f, 0.875f)), Shape.Distance(p, new(0.405f, 0.74f), new(0.400f, 0.875f))));
        return rope < 0.0055f ? new(Shape.Colour(0x4A3A34), 1) : default;
    });

    /// <param name="beat">Where the wings are, from 0 to 1 around one beat.</param>
    public static Layer Bird(int height, float beat) => Layer.Paint(height * 2, height, Samples, p =>
    {
        var lift = MathF.Sin(beat * MathF.Tau) * 0.30f;
        Vector2 body = new(1, 0.55f), left = new(0.55f, 0.50f - (lift * 0.75f)), right = new(1.45f, 0.50f - (lift * 0.75f));
        Vector2 leftTip = new(0.12f, 0.58f - (lift * 1.25f)), rightTip = new(1.88f, 0.58f - (lift * 1.25f));
        var wing = Math.Min(
            Math.Min(Shape.Distance(p, body, left) - 0.065f, Shape.Distance(p, left, leftTip) - 0.040f),
            Math.Min(Shape.Distance(p, body, right) - 0.065f, Shape.Distance(p, right, rightTip) - 0.040f));
        return Math.Min(wing, Vector2.Distance(p, body) - 0.10f) < 0 ? new(Shape.Colour(0x2A2E3C), 0.92f) : default;
    });

    /// <param name="turn">How far the rotor has turned, from 0 to 1 for a third of a revolution.</param>
    public static Layer Rotor(int height, float turn)
    {
        var blades = new Vector2[3];
        for (var i = 0; i < blades.Length; i++)
            blades[i] = new(MathF.Sin((i + turn) * MathF.Tau / 3), -MathF.Cos((i + turn) * MathF.Tau / 3));
        return Layer.Paint(height, height, 3, p =>
        {
            var q = p - new Vector2(0.5f);
            if (q.LengthSquared() > 0.25f)
                return default;
            var best = q.Length() - 0.020f;
            foreach (var blade in blades)
            {
                var along = Math.Clamp(Vector2.Dot(q, blade), 0, 0.48f);
                best = Math.Min(best, Vector2.Distance(q, blade * along) - (0.017f * (1 - (along / 0.60f))));
            }

            return best < 0 ? new(Shape.Colour(0xF4EFEA), 1) : default;
        });
    }

    public static Layer Train(int height, int coaches) => Layer.Paint((int)(height * ((coaches * 4.1f) + 3.4f)), height, 3, p =>
    {
        var coach = (int)(p.X / 4.1f);
        var x = p.X - (coach * 4.1f);
        var isEngine = coach == coaches;
        var length = isEngine ? 3.3f : 4.0f;
        if (isEngine && p.Y < 0.22f + Math.Max(0, (x - 2.2f) * 0.45f) + Math.Max(0, (x - 2.9f) * 0.7f))
            return default;
        if (x > length || p.Y < 0.14f || p.Y > 0.90f)
            return p.Y is > 0.62f and < 0.80f && !isEngine && coach < coaches ? new(Shape.Colour(0x23262E), 1) : default;
        if (p.Y > 0.80f)
            return Math.Abs((x % (length / 2)) - (length / 4)) < 0.42f ? new(Shape.Colour(0x1D1F26), 1) : default;
        if (p.Y < 0.24f)
            return new(Shape.Colour(0xD9DDE2), 1);
        if (isEngine)
            return new(x > 2.35f && p.Y < 0.50f ? Shape.Colour(0x22303D) : p.Y is > 0.56f and < 0.63f ? Shape.Colour(0xF7EFE0) : Shape.Colour(0xC23B34), 1);
        var pane = x % 0.5f;
        if (p.Y is > 0.33f and < 0.53f && x is > 0.22f and < 3.78f && pane is > 0.08f and < 0.42f)
            return new(Texture.Hash(3, coach, (int)(x / 0.5f)) > 0.25f ? Shape.Colour(0xFFE2A0) : Shape.Colour(0x33424F), 1);
        return new(p.Y is > 0.56f and < 0.63f ? Shape.Colour(0xF7EFE0) : Shape.Colour(0xB5342F) * Shape.Mix(1.05f, 0.8f, p.Y), 1);
    });

    /// <summary>A drifting tuft of cloud, soft at its edges.</summary>
    public static Layer Cloud(int width, int height, Texture noise, float variant) => Layer.Paint(width, height, 1, p =>
    {
        var aspect = width / (float)height;
        var q = new Vector2((p.X / aspect * 2) - 1, (p.Y * 2) - 1.1f);
        var fade = 1 - (q.X * q.X) - (q.Y * q.Y * (q.Y > 0 ? 1.8f : 1));
        var body = noise.Sample((p.X * 0.21f) + variant, (p.Y * 0.38f) + (variant * 0.37f));
        var density = Shape.Step(0.40f, 0.95f, (fade * 0.62f) + (body * 0.62f)) * Math.Clamp(fade * 3, 0, 1);
        return new(Shape.Mix(Shape.Colour(0xFFF1DF), Shape.Colour(0xB9A7B6), Math.Clamp(0.35f + (q.Y * 0.5f) + ((0.5f - body) * 0.8f), 0, 1)), density * 0.80f);
    });

    /// <summary>The light of a lamp with its halo.</summary>
    public static Layer Glow(int height) => Layer.Paint(height, height, 2, p =>
    {
        var distance = Vector2.Distance(p, new(0.5f)) * 2;
        return new(Shape.Colour(0xFFF0B8), distance >= 1 ? 0 : Math.Clamp((0.8f * MathF.Exp(-distance * 5)) + Shape.Step(0.13f, 0.06f, distance), 0, 1) * (1 - distance));
    });
}
