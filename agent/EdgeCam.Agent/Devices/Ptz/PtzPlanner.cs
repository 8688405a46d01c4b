namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>The axes of a head that are to be moved at the same time, each by its own <see cref="AxisMotion"/>.</summary>
internal sealed class PtzPlanner
{
    private static readonly PtzAxis[] s_axes = [PtzAxis.Pan, PtzAxis.Tilt, PtzAxis.Zoom];

    private readonly AxisMotion?[] _motions = new AxisMotion?[s_axes.Length];
    private readonly AxisLimits?[] _limits = new AxisLimits?[s_axes.Length];

    /// <param name="limits">Of the axes that the head has.</param>
    public PtzPlanner(IReadOnlyList<AxisLimits> limits, PtzDriverTraits traits)
    {
        foreach (var axis in limits)
        {
            // What is coarser than a step of the head cannot be aimed at: one turn of the loop at its least speed.
            var step = (traits.Step[axis.Axis] ?? 0) * axis.MaxSpeed;
            _limits[(int)axis.Axis] = axis;
            _motions[(int)axis.Axis] = new(
                axis, traits.LagSeconds, step * (DeviceLoop.Interval.TotalSeconds + traits.LagSeconds), isReckoned: traits is { ByVelocity: true, IsMeasured: false });
        }

        Axes = [.. limits.Select(axis => axis.Axis).Order()];
    }

    public IReadOnlyList<PtzAxis> Axes { get; }

    public AxisMotion this[PtzAxis axis] => _motions[(int)axis]!;

    public AxisLimits Limits(PtzAxis axis) => _limits[(int)axis]!;

    public bool Has(PtzAxis axis) => _motions[(int)axis] is not null;

    public void Halt()
    {
        foreach (var axis in Axes)
            this[axis].Halt();
    }

    public void Rest()
    {
        foreach (var axis in Axes)
            this[axis].Rest();
    }
}
