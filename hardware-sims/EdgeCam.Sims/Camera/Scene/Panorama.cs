namespace EdgeCam.Sims.Camera.Scene;

/// <summary>
/// Draws frame n of the scene: the backdrop and the foreground pan past, things move between them, and on top lie a test card, date and
/// time, the camera's name, and the frame code. What moves depends on the frame number alone, so the same seed gives the same picture.
/// </summary>
internal sealed class Panorama : IScene
{
    private const int Widths = 3; // the panorama's width in pictures
    private const double SecondsAround = 64; // for the backdrop; the foreground is twice as fast

    private readonly CameraArguments _arguments;
    private readonly Layer _backdrop;
    private readonly Layer _foreground;
    private readonly Layer _train;
    private readonly Layer _balloon;
    private readonly Layer _lamp;
    private readonly Layer[] _boats;
    private readonly Layer[] _clouds;
    private readonly Layer[] _bird;
    private readonly Layer[] _rotor;
    private readonly int _step;
    private readonly Overlay _overlay;

    public Panorama(CameraArguments arguments)
    {
        _arguments = arguments;
        var (width, height, seed) = (arguments.Width, arguments.Height, arguments.Seed);
        Picture = new(width, height);
        _backdrop = Backdrop.Paint(width * Widths, height, seed);
        _foreground = Foreground.Paint(width * Widths, height, seed);
        _train = Sprites.Train(Size(0.034f), coaches: 5);
        _balloon = Sprites.Balloon(Size(0.185f));
        _lamp = Sprites.Glow(Size(0.10f));
        _boats = [Sprites.Boat(Size(0.105f), Shape.Colour(0xE4593F)), Sprites.Boat(Size(0.070f), Shape.Colour(0xFBE9C8)), Sprites.Boat(Size(0.050f), Shape.Colour(0x3C6E86))];
        var noise = Texture.Create(seed + 41, first: 2, octaves: 6);
        _clouds = [.. Enumerable.Range(0, 3).Select(i => Sprites.Cloud(Size(0.66f - (0.12f * i)), Size(0.19f - (0.03f * i)), noise, 0.13f + (0.29f * i)))];
        _bird = [.. Enumerable.Range(0, 12).Select(i => Sprites.Bird(Size(0.024f), i / 12f))];
        _rotor = [.. Enumerable.Range(0, 24).Select(i => Sprites.Rotor(Size(0.165f), i / 24f))];
        _overlay = new(arguments);
        _step = Math.Max(2, 2 * (int)Math.Round(width * Widths / (SecondsAround * 2 * arguments.FrameRate)));
    }

    public Picture Picture { get; }

    public void Draw(uint frame, DateTimeOffset captured)
    {
        var at = (long)frame * _step;
        var seconds = frame / _arguments.FrameRate;
        int around = _backdrop.Width, back = (int)((at + (around * 22L / 100)) % around), front = (int)(((at * 2) + (around * 5L / 100)) % around);

        Picture.Pan(_backdrop, back);
        DrawSky(seconds, back);
        DrawWater(seconds, back);
        DrawTrain(seconds, front);
        Picture.PanOver(_foreground, front, (int)(Foreground.Top * Picture.Height) / 2 * 2);
        DrawRotors(seconds, front);
        DrawBirds(seconds);
        _overlay.Draw(Picture, frame, captured);
    }

    private int Size(float heights) => Math.Max(4, (int)MathF.Round(heights * _arguments.Height));

    /// <summary>Draws a sprite that has its place on a layer, given as a fraction of the panorama.</summary>
    private void DrawAt(Layer sprite, double fraction, float y, int left)
    {
        var around = _backdrop.Width;
        var x = (int)((fraction - Math.Floor(fraction)) * around) - left - (sprite.Width / 2);
        x = ((x % around) + around) % around;
        if (x > around - sprite.Width)
            x -= around;
        Picture.Over(sprite, x, (int)(y * Picture.Height) - (sprite.Height / 2));
    }

    private void DrawSky(double seconds, int left)
    {
        for (var i = 0; i < 6; i++)
            DrawAt(_clouds[i % 3], (i * 0.171) + (seconds * (0.0011 + (0.0003 * (i % 3)))), 0.10f + (0.058f * ((i * 2) % 5)), left);
        DrawAt(_balloon, 0.365 + (seconds * 0.0009), 0.235f + (0.012f * MathF.Sin((float)seconds * 0.35f)), left);
        if (seconds % 3.2 is > 0 and < 0.45 or > 0.8 and < 1.25) // group flashing two, as light lists call it
            DrawAt(_lamp, Skyline.LighthouseAt, Skyline.LampHeight - 0.006f, left);
    }

    private void DrawWater(double seconds, int left)
    {
        DrawAt(_boats[2], 0.235 + (seconds * 0.0006), 0.562f, left);
        DrawAt(_boats[1], 0.56 - (seconds * 0.0010), 0.590f, left);
        DrawAt(_boats[0], 0.325 + (seconds * 0.0012), 0.630f + (0.0022f * MathF.Sin((float)seconds * 1.1f)), left);
        DrawAt(_boats[1], 0.92 + (seconds * 0.0009), 0.640f, left);
    }

    private void DrawTrain(double seconds, int left) =>
        DrawAt(_train, 0.42 - (seconds * 0.012) + (seconds * 0.06), Foreground.Deck - 0.0125f, left);

    private void DrawRotors(double seconds, int left)
    {
        for (var i = 0; i < Foreground.Hubs.Length; i++)
        {
            var turn = (seconds * (0.62 + (0.07 * i))) + (i * 0.37);
            DrawAt(_rotor[(int)((turn - Math.Floor(turn)) * _rotor.Length)], Foreground.Hubs[i].X, Foreground.Hubs[i].Y, left);
        }
    }

    private void DrawBirds(double seconds)
    {
        var lead = (seconds * 0.055) % 1.6;
        for (var i = 0; i < 7; i++)
        {
            var rank = (i + 1) / 2;
            var x = ((1.25 - lead) * Picture.Width) + (rank * 0.034 * Picture.Height) + (4 * Math.Sin(seconds + i));
            var y = (0.20 + (0.02 * Math.Sin(seconds * 0.4)) + (rank * ((i & 1) == 0 ? 0.020 : -0.017))) * Picture.Height;
            var beat = (seconds * 1.7) + (i * 0.31);
            Picture.Over(_bird[(int)((beat - Math.Floor(beat)) * _bird.Length)], (int)x, (int)y);
        }
    }
}
