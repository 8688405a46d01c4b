using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// The rate by loss (draft-ietf-rmcat-gcc-02 §6): above 10 % it goes down by half the loss, below 2 % it goes up, between it stays. A few
/// packets prove nothing: the less were reported on, the more must be lost. Loss beside empty queues is the path's own, not congestion's,
/// and does not hold the rate down for ever.
/// </summary>
internal sealed class LossControl
{
    private const double High = 0.10, Low = 0.02;
    private const double IncreasePerSecond = 1.08, IncreaseWithoutQueue = 1.04;
    private const double ReceivedShare = 0.85;
    private const int FewestPackets = 40;

    private static readonly TimeSpan s_window = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longestWindow = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_responseTime = TimeSpan.FromMilliseconds(300);

    private long _received;
    private long _lost;
    private Instant? _since;
    private Instant _decreasedAt = new(0);

    /// <summary>The most that loss allows, in bits per second.</summary>
    public long Limit { get; private set; } = long.MaxValue;

    /// <summary>Of the last window, 0 to 1.</summary>
    public double Loss { get; private set; }

    public void Add(int received, int lost)
    {
        _received += received;
        _lost += lost;
    }

    /// <summary>Takes what was reported since.</summary>
    /// <param name="current">The rate in use, from which a decrease counts.</param>
    /// <param name="received">What arrives nevertheless, below which there is no reason to go.</param>
    /// <returns>True where the limit went down.</returns>
    public bool Update(long current, long? received, bool isQueue, TimeSpan roundTripTime, Instant now)
    {
        _since ??= now;
        var packets = _received + _lost;
        var elapsed = now - _since.Value;
        if (packets < FewestPackets && elapsed < s_longestWindow)
            return false;
        var loss = packets == 0 ? 0 : Math.Max(_lost, 0) / (double)packets;
        var isWindowOver = elapsed >= s_window;
        var deviation = Math.Sqrt(High * (1 - High) / Math.Max(packets, 1));
        var margin = isQueue ? 0 : (isWindowOver ? 2 : 3) * deviation; // beside a queue any loss is congestion's
        if (loss > High + margin && now - _decreasedAt > roundTripTime + s_responseTime)
        {
            var lower = (long)(Math.Min(Limit, current) * (1 - (0.5 * loss)));
            Limit = Math.Min(Math.Max(lower, (long)((received ?? 0) * ReceivedShare)), Math.Min(Limit, current));
            _decreasedAt = now;
            Begin(loss, now);
            return true;
        }

        if (!isWindowOver)
            return false;
        if (Limit != long.MaxValue)
        {
            var gain = loss < Low ? IncreasePerSecond : loss <= High && !isQueue ? IncreaseWithoutQueue : 1;
            Limit = (long)(Limit * Math.Pow(gain, elapsed.TotalSeconds));
            if (Limit > current * 4)
                Limit = long.MaxValue;
        }

        Begin(loss, now);
        return false;
    }

    /// <summary>A probe proved that this much passes.</summary>
    public void Raise(long bitrate) => Limit = Math.Max(Limit, bitrate);

    private void Begin(double loss, Instant now)
    {
        Loss = loss;
        (_received, _lost, _since) = (0, 0, now);
    }
}
