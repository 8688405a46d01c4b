namespace EdgeCam.Sims.World;

/// <summary>What a head can do: degrees, degrees per second (squared), zoom factors, and how long the lens needs from end to end.</summary>
internal sealed record HeadOptions(
    double Speed,
    double Acceleration,
    (double From, double To) Pan,
    (double From, double To) Tilt,
    (double From, double To) Zoom,
    double ZoomSeconds = 4,
    double Backlash = 0)
{
    public static HeadOptions Default { get; } = new(60, 200, (-170, 170), (-30, 90), (1, 10));
}
