using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>
/// A head inside the picture: zoom is the magnification of what is cut out, pan and tilt move it within the picture, from edge to edge at the
/// present zoom. Wide there is nowhere to go.
/// </summary>
internal sealed class DigitalDriver(IReadOnlyList<AxisLimits> limits, IRegionOfInterest? region) : IPtzDriver
{
    private static readonly DeviceFault s_notCut = new("the picture cannot be cut now", "Set encoder to software for that camera, and check that it runs");

    private IPtzDriverObserver? _observer;
    private (double X, double Y, double Width)? _set;
    private bool _isTold;

    public string Name => "digital";

    public PtzDriverTraits Traits { get; } = new(PtzDriverKind.Digital);

    public bool IsReady { get; private set; }

    public DeviceFault? Fault => region is { IsAvailable: true } ? null : s_notCut;

    public void Attach(IPtzDriverObserver observer)
    {
        _observer = observer;
        foreach (var axis in limits) // the middle of the whole picture
            observer.OnPosition(axis.Axis, axis.Axis == PtzAxis.Zoom ? axis.Clamp(axis.Minimum) : axis.Clamp(axis.ToUnits(0)), default);
    }

    public void Tick(Instant now)
    {
        var isReady = region is { IsAvailable: true };
        if (isReady == IsReady && _isTold)
            return;
        (IsReady, _isTold, _set) = (isReady, true, null);
        if (isReady)
            _observer?.OnReady(now);
        else
            _observer?.OnFault(now);
    }

    public void Follow(in PtzVector demand, bool isUrgent, Instant now)
    {
        if (!IsReady)
            return;
        var size = 1 / Math.Max(1, demand.Zoom ?? 1);
        var x = (1 - size) * (Normalised(PtzAxis.Pan, demand) + 1) / 2;
        var y = (1 - size) * (1 - Normalised(PtzAxis.Tilt, demand)) / 2; // up is positive there, down here
        if (_set == (x, y, size))
            return;
        _set = (x, y, size);
        region!.Set(x, y, size, size);
    }

    public bool TryGoTo(in PtzVector targets, double speed, Instant now) => false;

    public double Applied(PtzAxis axis) => 0;

    /// <summary>The plan stops, and with it the picture.</summary>
    public void Stop(Instant now)
    {
    }

    private double Normalised(PtzAxis axis, in PtzVector demand)
    {
        if (demand[axis] is not { } units || limits.FirstOrDefault(one => one.Axis == axis) is not { } known)
            return 0;
        var normalised = Math.Clamp(known.Normalise(units), -1, 1);
        return known.IsInverted ? -normalised : normalised;
    }
}
