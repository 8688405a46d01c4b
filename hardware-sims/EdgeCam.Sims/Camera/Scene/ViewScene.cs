using System.Globalization;
using EdgeCam.Sims.World;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>
/// The scene as a camera on a moving head sees it: where the head looks, as far as the lens is zoomed in, with things that move in it. What
/// lies on top of the picture stays where it is, and so do the lamps that a GPIO chip lights.
/// </summary>
internal sealed class ViewScene : IScene
{
    private readonly CameraArguments _arguments;
    private readonly Func<WorldView> _view;
    private readonly Surroundings _surroundings;
    private readonly ViewPort _port;
    private readonly Overlay _overlay;
    private readonly LampPosts _lamps;
    private readonly Layer _balloon;
    private readonly Layer _light;
    private readonly Layer[] _boats;
    private readonly Layer[] _rotor;

    /// <param name="view">Where to look, asked anew for each picture.</param>
    public ViewScene(CameraArguments arguments, Func<WorldView> view)
    {
        (_arguments, _view) = (arguments, view);
        Picture = new(arguments.Width, arguments.Height);
        _surroundings = new(arguments.Width, arguments.Height, arguments.Seed);
        _port = new(Picture, _surroundings);
        _overlay = new(arguments);
        _lamps = new(Picture);
        _balloon = Sprites.Balloon(Size(0.185f));
        _light = Sprites.Glow(Size(0.10f));
        _boats = [Sprites.Boat(Size(0.105f), Shape.Colour(0xE4593F)), Sprites.Boat(Size(0.070f), Shape.Colour(0xFBE9C8))];
        _rotor = [.. Enumerable.Range(0, 24).Select(i => Sprites.Rotor(Size(0.165f), i / 24f))];
    }

    public Picture Picture { get; }

    public void Draw(uint frame, DateTimeOffset captured)
    {
        var view = _view();
        _port.Look(view.Pan, view.Tilt, view.Zoom);
        _port.Draw();
        DrawMoving(frame / _arguments.FrameRate);
        if (view.HasLamps)
            _lamps.Draw(view.Lamps);
        Span<char> text = stackalloc char[64];
        text.TryWrite(CultureInfo.InvariantCulture, $"pan {view.Pan:+0.0;-0.0;0.0}  tilt {view.Tilt:+0.0;-0.0;0.0}  zoom {view.Zoom:0.0}", out var length);
        _overlay.Draw(Picture, frame, captured, text[..length]);
    }

    private int Size(float heights) => Math.Max(4, (int)MathF.Round(heights * _arguments.Height));

    private void DrawMoving(double seconds)
    {
        DrawAt(_balloon, 0.365 + (seconds * 0.0003), 0.235 + (0.012 * Math.Sin(seconds * 0.35)));
        if (seconds % 3.2 is > 0 and < 0.45 or > 0.8 and < 1.25)
            DrawAt(_light, Skyline.LighthouseAt, Skyline.LampHeight - 0.006);
        DrawAt(_boats[0], 0.425 + (seconds * 0.0004), 0.630 + (0.0022 * Math.Sin(seconds * 1.1)));
        DrawAt(_boats[1], 0.56 - (seconds * 0.0003), 0.590);
        DrawAt(_boats[1], 0.92 + (seconds * 0.0003), 0.640);
        for (var i = 0; i < Foreground.Hubs.Length; i++)
        {
            var turn = (seconds * (0.62 + (0.07 * i))) + (i * 0.37);
            DrawAt(_rotor[(int)((turn - Math.Floor(turn)) * _rotor.Length)], Foreground.Hubs[i].X, Foreground.Hubs[i].Y);
        }
    }

    /// <summary>A sprite that has its place on the panorama: a fraction of the way around, and of the picture's height.</summary>
    private void DrawAt(Layer sprite, double fraction, double y) =>
        _port.Over(sprite, fraction * _surroundings.Around, (y - 0.5) * _arguments.Height);
}
