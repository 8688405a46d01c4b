using System.Text.Json;

namespace EdgeCam.Sims.World;

/// <summary>A pan-tilt head with a zoom lens, whatever language it is spoken to in. Degrees, right and up positive; time is brought to it.</summary>
internal sealed class Head(HeadOptions options)
{
    private long? _last;

    public HeadOptions Options => options;

    public Axis Pan { get; } = new(options.Pan.From, options.Pan.To, options.Acceleration, options.Backlash);

    public Axis Tilt { get; } = new(options.Tilt.From, options.Tilt.To, options.Acceleration, options.Backlash);

    /// <summary>The lens from 0 (wide) to 1 (tele); equal steps are equal ratios of the focal length.</summary>
    public Axis Zoom { get; } = new(0, 1, acceleration: 10 / options.ZoomSeconds);

    public double ZoomTopSpeed => 1 / options.ZoomSeconds;

    public double ZoomFactor => options.Zoom.From * Math.Pow(options.Zoom.To / options.Zoom.From, Zoom.Output);

    public bool IsMoving => Pan.IsMoving || Tilt.IsMoving || Zoom.IsMoving;

    public bool IsTravelling => Pan.IsTravelling || Tilt.IsTravelling || Zoom.IsTravelling;

    public Dictionary<int, HeadPosition> Presets { get; } = [];

    public HeadPosition Position => new(Pan.Position, Tilt.Position, Zoom.Position);

    public void GoTo(HeadPosition position)
    {
        Pan.GoTo(position.Pan, options.Speed);
        Tilt.GoTo(position.Tilt, options.Speed);
        Zoom.GoTo(position.Zoom, ZoomTopSpeed);
    }

    public void Stop()
    {
        Pan.Stop();
        Tilt.Stop();
        Zoom.Stop();
    }

    /// <param name="now">Nanoseconds.</param>
    public void Advance(long now)
    {
        var seconds = (now - (_last ?? now)) / 1e9;
        _last = now;
        Pan.Advance(seconds);
        Tilt.Advance(seconds);
        Zoom.Advance(seconds);
    }

    public void WriteState(Utf8JsonWriter json)
    {
        json.WriteNumber("pan", Math.Round(Pan.Output, 4));
        json.WriteNumber("tilt", Math.Round(Tilt.Output, 4));
        json.WriteNumber("zoom", Math.Round(ZoomFactor, 4));
        json.WriteNumber("zoomPosition", Math.Round(Zoom.Position, 5));
        json.WriteNumber("panSpeed", Math.Round(Pan.Velocity, 4));
        json.WriteNumber("tiltSpeed", Math.Round(Tilt.Velocity, 4));
        json.WriteNumber("zoomSpeed", Math.Round(Zoom.Velocity, 5));
        json.WriteBoolean("moving", IsMoving);
        json.WriteNumber("panMotor", Math.Round(Pan.Position, 4));
        json.WriteNumber("tiltMotor", Math.Round(Tilt.Position, 4));
        json.WriteStartObject("presets");
        foreach (var (number, position) in Presets)
        {
            json.WriteStartObject(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            json.WriteNumber("pan", position.Pan);
            json.WriteNumber("tilt", position.Tilt);
            json.WriteNumber("zoom", position.Zoom);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
