using System.Globalization;

namespace EdgeCam.Sims.Camera.Scene;

/// <summary>What lies on top of every picture, always in the same place: a test card, the camera's name, date and time, and the frame code.</summary>
internal sealed class Overlay
{
    private readonly CameraArguments _arguments;
    private readonly Layer _testCard;
    private readonly StrokeFont _large;
    private readonly StrokeFont _small;
    private readonly FrameCode _code;
    private readonly int _margin;

    public Overlay(CameraArguments arguments)
    {
        _arguments = arguments;
        _testCard = TestCard.Paint(arguments.Height * 2 / 15);
        _large = new(arguments.Height * 0.030f);
        _small = new(arguments.Height * 0.019f);
        _code = new(FrameCode.CameraOf(arguments.Name), 0, 0);
        _margin = arguments.Height / 30;
    }

    /// <param name="remark">A line of small text below the size and rate, or nothing.</param>
    public void Draw(Picture picture, uint frame, DateTimeOffset captured, ReadOnlySpan<char> remark = default)
    {
        picture.Over(_testCard, picture.Width - _testCard.Width - _margin, _margin);
        Span<char> text = stackalloc char[64];
        _large.Draw(picture, _arguments.Name, _margin, _margin);
        text.TryWrite(CultureInfo.InvariantCulture, $"{picture.Width} x {picture.Height}  {_arguments.FrameRate:0.##} fps", out var length);
        _small.Draw(picture, text[..length], _margin, _margin + _large.LineHeight);
        _small.Draw(picture, remark, _margin, _margin + _large.LineHeight + _small.LineHeight);

        var bottom = picture.Height - (picture.Width / FrameCode.Cells) - _margin;
        text.TryWrite(CultureInfo.InvariantCulture, $"{captured:HH:mm:ss.fff}", out length);
        _large.Draw(picture, text[..length], _margin, bottom - (_large.LineHeight * 0.6f));
        text.TryWrite(CultureInfo.InvariantCulture, $"{captured:ddd d MMM yyyy}  UTC  #{frame}", out length);
        _small.Draw(picture, text[..length], _margin, bottom - (_large.LineHeight * 0.6f) - (_small.LineHeight * 1.15f));
        (_code with { Frame = frame, CaptureTimeMs = captured.ToUnixTimeMilliseconds() }).Draw(picture);
    }
}
