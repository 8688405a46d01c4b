using System.Diagnostics;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// How much one client may publish: what the device may have pending at the broker is bounded, so one that floods it would push out what
/// the others say. Policy: 120 messages a second and 60 at once; what is above is refused.
/// </summary>
internal sealed class PublishBudget
{
    private const double PerSecond = 120;
    private const double AtOnce = 60;

    private double _left = AtOnce;
    private long _refilledAt = Stopwatch.GetTimestamp();

    public bool TryTake() => TryTake(Stopwatch.GetTimestamp());

    internal bool TryTake(long now)
    {
        _left = Math.Min(AtOnce, _left + (Stopwatch.GetElapsedTime(_refilledAt, now).TotalSeconds * PerSecond));
        _refilledAt = now;
        if (_left < 1)
            return false;
        _left--;
        return true;
    }
}
