using System.Numerics;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>Four lamps in the lower right corner of the picture, wired to the first four lines of a simulated GPIO chip.</summary>
internal sealed class LampPosts
{
    public const int Count = 4;

    private readonly Picture _picture;
    private readonly Layer _dark;
    private readonly Layer _lit;
    private readonly int _size;

    public LampPosts(Picture picture)
    {
        _picture = picture;
        _size = Math.Max(8, picture.Height / 9 / 2 * 2);
        _dark = Paint(Shape.Colour(0x30343C), glow: 0);
        _lit = Paint(Shape.Colour(0xFFF6C8), glow: 0.75f);
    }

    /// <summary>The middle of a lamp's glass in the picture.</summary>
    public (int X, int Y) Glass(int lamp) => (Left(lamp) + (_size * 3 / 8), Top + (_size * 3 / 10));

    private int Top => (_picture.Height - (_picture.Height / 24) - _size) / 2 * 2;

    public void Draw(uint lamps)
    {
        for (var lamp = 0; lamp < Count; lamp++)
            _picture.Over((lamps >> lamp & 1) != 0 ? _lit : _dark, Left(lamp), Top);
    }

    private int Left(int lamp) => (_picture.Width - (_picture.Height / 30) - ((Count - lamp) * _size * 3 / 4)) / 2 * 2;

    /// <summary>A post with a round glass; lit, it shines around itself.</summary>
    private Layer Paint(Vector3 glass, float glow) => Layer.Paint(_size * 3 / 4, _size, 3, p =>
    {
        var distance = Vector2.Distance(p, new(0.375f, 0.30f));
        if (distance < 0.15f)
            return new(glass, 1);
        if (distance < 0.18f || (Math.Abs(p.X - 0.375f) < 0.025f && p.Y > 0.45f) || (p.Y > 0.95f && Math.Abs(p.X - 0.375f) < 0.12f))
            return new(Shape.Colour(0x14161C), 1);
        return new(Shape.Colour(0xFFE9A0), glow * MathF.Max(0, 1 - (distance / 0.36f)));
    });
}
