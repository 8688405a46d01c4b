using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>What a head knows of one axis besides its plan.</summary>
internal sealed class AxisTrack(AxisLimits limits)
{
    private const double There = 0.001; // of the range; finer than that heads do not tell
    private const double Near = 0.01;
    private static readonly TimeSpan s_settled = TimeSpan.FromMilliseconds(600);

    private double _velocity; // reckoned

    public StuckWatch Watch { get; } = new(limits);

    /// <summary>In units: told, reckoned or planned.</summary>
    public double Position { get; set; } = limits.Assumed;

    /// <summary>False: nobody knows where it is, and <see cref="Position"/> is a guess.</summary>
    public bool IsKnown { get; set; }

    /// <summary>In the last turn of the loop.</summary>
    public bool HasMoved { get; set; }

    /// <summary>Where the head is finding its own way to, in units.</summary>
    public double? Target { get; set; }

    /// <summary>The fraction of the top speed it was given for that.</summary>
    public double TargetSpeed { get; set; }

    /// <param name="velocity">What the head has been told: even at once told to stop, it takes a moment.</param>
    public void Reckon(double velocity, double seconds)
    {
        var change = limits.StopRate * seconds;
        var next = Math.Clamp(velocity, _velocity - change, _velocity + change);
        Position = Math.Clamp(Position + ((_velocity + next) / 2 * seconds), limits.Minimum, limits.Maximum);
        _velocity = next;
    }

    public bool HasArrived(Instant now) =>
        Target is { } target && Math.Abs(Position - target) is var far
        && (far <= limits.Range * There || (far <= limits.Range * Near && Watch.StillFor(now) >= s_settled));
}
