namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>Pictures a second that a format and size come in (VIDIOC_ENUM_FRAMEINTERVALS); a single rate where the ends are equal.</summary>
internal readonly record struct V4l2RateRange(double Slowest, double Fastest)
{
    public static V4l2RateRange Of(double rate) => new(rate, rate);

    public double Nearest(double wanted) => Math.Clamp(wanted, Slowest, Math.Max(Slowest, Fastest));
}
