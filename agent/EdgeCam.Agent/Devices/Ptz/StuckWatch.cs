using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>Notices an axis that is told to move and does not, by what the head says of its position.</summary>
internal sealed class StuckWatch(AxisLimits limits)
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const double Resolution = 0.0002; // of the range: 0.07 degrees of 340
    private const double LeastSpeed = 0.05; // of the top speed; what is slower may well not show

    private double _last = double.NaN;
    private Instant? _since; // told to move, and not seen moving
    private bool _isHeard;

    /// <returns>Whether it has moved since the last time.</returns>
    public bool Hear(double position, Instant now)
    {
        var hasMoved = Math.Abs(position - _last) > limits.Range * Resolution;
        if (hasMoved || double.IsNaN(_last))
            _last = position;
        if (hasMoved && _since is not null)
            _since = now;
        _isHeard = true;
        return hasMoved;
    }

    /// <summary>Each turn of the loop.</summary>
    /// <param name="speed">Units in a second that it is told.</param>
    /// <param name="isTravelling">It finds its own way to a target.</param>
    public bool IsStuck(double speed, bool isTravelling, Instant now)
    {
        var isTold = isTravelling || Math.Abs(speed) >= LeastSpeed * limits.MaxSpeed;
        if (!isTold || IsAtEnd(speed, isTravelling))
        {
            (_since, _isHeard) = (null, false);
            return false;
        }

        _since ??= now;
        return _isHeard && now - _since.Value >= Patience;
    }

    /// <summary>How long it has been told to move without being seen moving.</summary>
    public TimeSpan StillFor(Instant now) => _since is { } since ? now - since : default;

    private bool IsAtEnd(double speed, bool isTravelling) =>
        !isTravelling && ((speed > 0 && limits.EndAt(_last) == AxisEnd.Maximum) || (speed < 0 && limits.EndAt(_last) == AxisEnd.Minimum));
}
