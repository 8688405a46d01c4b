using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// The rate by delay (draft-ietf-rmcat-gcc-02 §5.5): eight per cent a second up while the path's capacity is not known or far away, half a
/// packet per response time up near it, down to 0.85 of what arrives when queues grow, and held until they are empty again.
/// </summary>
internal sealed class RateControl(long start)
{
    private const double Decrease = 0.85; // beta
    private const double MildDecrease = 0.95; // a short queue drains with less
    private const double SteepDecrease = 0.7; // a long one would stand for seconds
    private const double IncreasePerSecond = 0.08; // eta, less one
    private const double AboveCapacity = 1.12;
    private const double CapacityWeight = 0.05;

    private static readonly TimeSpan s_aboveTime = TimeSpan.FromSeconds(0.8);
    private static readonly TimeSpan s_shortQueue = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan s_longQueue = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_responseTime = TimeSpan.FromMilliseconds(100); // beyond the round trip

    private Instant? _updated;
    private Instant _decreasedAt = new(0);
    private double? _capacity; // what arrived when queues grew: mean and relative variance
    private double _variance = 1000;
    private Instant? _aboveSince;
    private bool _isHeld;

    public long Bitrate { get; private set; } = start;

    /// <summary>What arrived when queues grew last; null while nothing is known of the capacity.</summary>
    public long? Capacity => (long?)_capacity;

    /// <summary>Takes what the detector says now.</summary>
    /// <param name="received">Bits per second that arrived over the last tenths of a second.</param>
    /// <param name="sustained">The same over half a second.</param>
    /// <param name="queue">What stands on the way.</param>
    /// <returns>True where the rate went down.</returns>
    public bool Update(LinkUsage usage, long? received, long? sustained, TimeSpan queue, TimeSpan roundTripTime, Instant now)
    {
        var elapsed = _updated is { } updated ? Math.Min((now - updated).TotalSeconds, 1) : 0;
        _updated = now;
        switch (usage)
        {
            case LinkUsage.Over:
                _isHeld = true;
                return received is { } arriving && TryDecrease(arriving, queue, roundTripTime, now);
            case LinkUsage.Under:
                _isHeld = true; // until the queues are empty
                return false;
            case LinkUsage.Normal when _isHeld:
                _isHeld = false;
                return false;
            default:
                Increase(sustained, elapsed, roundTripTime, now);
                return false;
        }
    }

    /// <summary>Sets the rate to what was proved or decided otherwise.</summary>
    public void Set(long bitrate)
    {
        Bitrate = bitrate;
        if (_capacity is { } capacity && bitrate > capacity * 1.5)
            _capacity = null; // the path has changed
    }

    /// <summary>The path is shared no longer, or shared now.</summary>
    public void ForgetCapacity() => _capacity = null;

    /// <summary>More than this did not pass just now.</summary>
    public void LearnCapacity(long received)
    {
        if (_capacity is { } mean && Math.Abs(received - mean) < 3 * Math.Sqrt(_variance * mean))
        {
            var error = mean - received;
            _capacity = mean - (CapacityWeight * error);
            _variance = Math.Clamp(((1 - CapacityWeight) * _variance) + (CapacityWeight * error * error / mean), 400, 2500);
            return;
        }

        _capacity = received;
        _variance = 1000; // bits per second: 3 sigma are some 10 % of 1 Mbit/s
    }

    private bool TryDecrease(long received, TimeSpan queue, TimeSpan roundTripTime, Instant now)
    {
        // What the last decrease did is seen a round trip and a window of measuring later.
        var wait = roundTripTime + (2 * s_responseTime);
        if (now - _decreasedAt < wait && received > Bitrate / 2)
            return false;
        _decreasedAt = now;
        LearnCapacity(received);
        // Half at most, since a viewer that was busy for a moment looks the same; the next step follows at once where it is true.
        var target = Math.Max(Bitrate / 2, (long)(received * (queue < s_shortQueue ? MildDecrease : queue < s_longQueue ? Decrease : SteepDecrease)));
        if (target >= Bitrate)
            return false;
        Bitrate = target;
        return true;
    }

    private void Increase(long? received, double elapsed, TimeSpan roundTripTime, Instant now)
    {
        if (received is not { } arriving)
            return;
        _aboveSince = _capacity is { } capacity && arriving > capacity * AboveCapacity ? _aboveSince ?? now : null;
        if (_aboveSince is { } above && now - above > s_aboveTime)
            (_capacity, _aboveSince) = (null, null); // more passes than did, and not only a bucket of tokens: look for the limit anew
        double next;
        if (_capacity is null)
        {
            next = Bitrate * (1 + (IncreasePerSecond * elapsed));
        }
        else
        {
            var packet = Math.Clamp(Bitrate / 30.0, 1600, 9600); // bits, for thirty pictures a second
            next = Bitrate + Math.Max(Bitrate * 0.015 * elapsed, 0.5 * packet * elapsed / (roundTripTime + s_responseTime).TotalSeconds);
        }

        // Above what is used nothing is proved (§5.5): the rest is the probes' work.
        var limit = (1.5 * arriving) + 10_000;
        Bitrate = Math.Max(Bitrate, (long)Math.Min(next, limit));
    }
}
