using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// Transport-wide feedback in, an estimate out (draft-ietf-rmcat-gcc-02): the smaller of what delay and what loss allow, raised by what
/// probes prove. All times of arrival are the viewer's clock: only their differences are used.
/// </summary>
/// <remarks>Over-use is believed only where a queue stands: a slope of delays above an empty queue is jitter, and must not cost bitrate.</remarks>
internal sealed class BandwidthEstimator(long start)
{
    /// <summary>Below it there is no picture worth sending.</summary>
    public const long Least = 50_000;

    private const long LeastQueue = 10 * TimeSpan.TicksPerMillisecond;

    private static readonly TimeSpan s_window = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longWindow = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_assumedRoundTrip = TimeSpan.FromMilliseconds(100);

    private readonly PacketLog _log = new();
    private readonly ArrivalClock _arrivals = new();
    private readonly PacketGroups _groups = new();
    private readonly QueueMeter _queue = new();
    private readonly DelayTrend _trend = new();
    private readonly RateMeter _received = new();
    private readonly LossControl _loss = new();
    private readonly RateControl _rate = new(start);
    private long _newestReported = long.MinValue;
    private TimeSpan? _roundTripTime;

    public long Bitrate => Math.Max(Math.Min(_rate.Bitrate, _loss.Limit), Least);

    public bool IsMeasured { get; private set; }

    public double Loss => _loss.Loss;

    public TimeSpan QueueingDelay => new(_queue.Standing);

    public LinkUsage Usage => _trend.Usage;

    public TimeSpan RoundTripTime => _roundTripTime ?? s_assumedRoundTrip;

    /// <summary>Bits per second that arrive; null before they can be told.</summary>
    public long? Received => _received.Over(s_longWindow);

    /// <summary>When the estimate last went down, or <see cref="Instant.Never"/>.</summary>
    public Instant DecreasedAt { get; private set; } = Instant.Never;

    public Prober Prober { get; } = new();

    public void HandleSent(SequenceNumber number, int size, Instant now)
    {
        _log.Add(number, size, Prober.Current, now);
        Prober.HandleSent(size, now);
    }

    public void HandleFeedback(TransportFeedback feedback, Instant now)
    {
        var offset = _arrivals.Unwrap(feedback.ReferenceTime);
        int received = 0, lost = 0;
        long newest = long.MinValue;
        while (feedback.MoveNext())
        {
            ref var packet = ref _log.Find(feedback.Number);
            if (packet.Fate is PacketFate.None or PacketFate.Received)
                continue; // not ours any more, or told before
            _newestReported = Math.Max(_newestReported, packet.SentAt);
            if (!feedback.IsReceived)
            {
                lost += packet.Fate == PacketFate.InFlight ? 1 : 0;
                packet.Fate = PacketFate.Lost;
                continue;
            }

            received++;
            lost -= packet.Fate == PacketFate.Lost ? 1 : 0; // it was late, not lost
            packet.Fate = PacketFate.Received;
            newest = Math.Max(newest, packet.SentAt);
            HandleArrival(packet, feedback.Arrival.Ticks + offset);
        }

        if (received + Math.Abs(lost) == 0)
            return;
        _loss.Add(received, lost);
        if (newest != long.MinValue)
            MeasureRoundTrip(now - new Instant(newest));
        Update(now);
    }

    /// <summary>What a receiver report says of loss, where no transport feedback comes: then the rate follows loss alone.</summary>
    /// <param name="sent">Bits per second that were sent.</param>
    public void HandleReport(int expected, int lost, long? sent, Instant now)
    {
        _loss.Add(Math.Max(expected - lost, 0), lost);
        if (_loss.Update(Bitrate, isQueue: true, RoundTripTime, now))
        {
            DecreasedAt = now;
            _rate.Set(Bitrate);
        }
        else
        {
            _rate.Update(LinkUsage.Normal, sent, RoundTripTime, now);
        }
    }

    /// <summary>The round trip as receiver reports tell it, which is closer than what feedback allows.</summary>
    public void HandleRoundTrip(TimeSpan roundTripTime) => _roundTripTime = roundTripTime;

    /// <summary>Begins from another rate: a start value, a hint, another's estimate.</summary>
    public void Set(long bitrate) => _rate.Set(bitrate);

    /// <summary>Nothing is heard from the viewer: what is sent may all be lost.</summary>
    public void HandleSilence(Instant now)
    {
        _rate.Set(Math.Max((long)(Bitrate * 0.8), Least));
        DecreasedAt = now;
    }

    /// <summary>The path is another one: what its delays were says nothing any more.</summary>
    public void HandlePathChange()
    {
        _groups.Clear();
        _queue.Clear();
        _trend.Clear();
        _received.Clear();
        _roundTripTime = null;
    }

    private void HandleArrival(in PacketRecord packet, long arrival)
    {
        _received.Add(arrival, packet.Size);
        if (packet.Probe != 0)
            Prober.HandleReceived(packet, arrival);
        if (!_groups.Add(packet.SentAt, arrival, out var sentAt, out var delay))
            return;
        _queue.Add(sentAt, delay);
        _trend.Add(sentAt / (double)TimeSpan.TicksPerMillisecond, (delay - _queue.Base) / (double)TimeSpan.TicksPerMillisecond, _queue.Standing > LeastQueue);
    }

    /// <summary>Feedback waits at the viewer for up to a tenth of a second: the shortest counts, and is forgotten slowly.</summary>
    private void MeasureRoundTrip(TimeSpan sample)
    {
        if (sample < TimeSpan.Zero)
            return;
        if (_roundTripTime is not { } known || sample < known)
            _roundTripTime = sample;
        else
            _roundTripTime = (known * 0.98) + (sample * 0.02);
    }

    private void Update(Instant now)
    {
        var before = Bitrate;
        IsMeasured = true;
        var isDown = _loss.Update(before, _queue.Standing > LeastQueue, RoundTripTime, now);
        isDown |= _rate.Update(_trend.Usage, _received.Over(s_window), RoundTripTime, now);
        if (isDown && Bitrate < before)
        {
            DecreasedAt = now;
            Prober.HandleDecrease(now);
        }
        else if (Prober.TryTakeResult(_newestReported, Bitrate, now, out var proved))
        {
            _rate.Set(proved);
            _loss.Raise(proved);
        }
    }
}
