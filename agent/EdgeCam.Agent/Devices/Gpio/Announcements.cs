using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>
/// What there is to tell of one line or output: so much at once, and then one thing each 20 ms, the newest. A contact that chatters does not
/// fill every viewer's channel.
/// </summary>
internal sealed class Announcements
{
    private const int Burst = 16;

    private double _left = Burst;
    private Instant _filledAt;
    private GpioChange? _waiting;

    /// <summary>Takes one more. Bound: one waits; policy: the newest replaces it.</summary>
    /// <returns>Whether it is to be told at once.</returns>
    public bool Offer(GpioChange change, Instant now, out bool isOtherLost)
    {
        isOtherLost = false;
        if (TryTake(now))
        {
            _waiting = null;
            return true;
        }

        isOtherLost = _waiting is not null;
        _waiting = change;
        return false;
    }

    /// <summary>What has waited for its turn, which is now; else null.</summary>
    public GpioChange? TakeDue(Instant now)
    {
        if (_waiting is not { } change || !TryTake(now))
            return null;
        _waiting = null;
        return change;
    }

    private bool TryTake(Instant now)
    {
        _left = Math.Min(Burst, _left + ((now - _filledAt) / DeviceLoop.Interval));
        _filledAt = now;
        if (_left < 1)
            return false;
        _left--;
        return true;
    }
}
