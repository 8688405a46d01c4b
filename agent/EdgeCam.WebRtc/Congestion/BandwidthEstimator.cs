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

    private const double KnownCapacityStep = 1.3, CarefulStep = 1.15;
    private const double OtherCapacity = 0.51; // a step takes half at most
    private const long SlowPath = 600_000;
    private const long LeastQueue = 10 * TimeSpan.TicksPerMillisecond;
    private const long LongQueue = 80 * TimeSpan.TicksPerMillisecond; // longer than our own bursts make it

    private static readonly TimeSpan s_window = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_longWindow = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_trial = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan s_fullQueue = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan s_fullQueueTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_memoryOfDecrease = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_assumedRoundTrip = TimeSpan.FromMilliseconds(100);

    private readonly PacketLog _log = new();
    private readonly ArrivalClock _arrivals = new();
    private readonly PacketGroups _groups = new();
    private readonly QueueMeter _queue = new();
    private readonly DelayTrend _trend = new();
    private readonly RateMeter _received = new();
    private readonly LossControl _loss = new();
    private readonly RateControl _rate = new(start);
    private readonly ForeignQueue _foreign = new();
    private long _decreasedAt = long.MinValue;
    private long _pathSince = long.MinValue;
    private ushort? _nextNumber; // behind the last feedback
    private Instant? _queueSince, _raisedAt;
    private bool _isStepTooLarge;
    private long _newestReported = long.MinValue;
    private TimeSpan? _roundTripTime;

    public long Bitrate => Math.Max(Math.Min(_rate.Bitrate, _loss.Limit), Least);

    public bool IsMeasured { get; private set; }

    public double Loss => _loss.Loss;

    public TimeSpan QueueingDelay => new(_queue.Standing);

    /// <summary>Of the last twentieth of a second, jitter and our own bursts included.</summary>
    public TimeSpan LatestQueueingDelay => new(_queue.Latest);

    public LinkUsage Usage => _trend.Usage;

    /// <summary>Another flow keeps the queue full.</summary>
    public bool IsQueueForeign => _foreign.IsPresent;

    /// <summary>The capacity was met not long ago.</summary>
    public bool IsNarrow(Instant now) => _rate.Capacity is not null && DecreasedAt != Instant.Never && now - DecreasedAt < s_memoryOfDecrease;

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
        ushort? first = null;
        while (feedback.MoveNext())
        {
            first ??= feedback.Number.Value;
            ref var packet = ref _log.Find(feedback.Number);
            if (packet.Fate is PacketFate.None or PacketFate.Received || packet.SentAt < _pathSince)
                continue; // not ours any more, told before, or of a former path
            _newestReported = Math.Max(_newestReported, packet.SentAt);
            if (!feedback.IsReceived)
            {
                lost += packet.Fate == PacketFate.InFlight && packet.SentAt > _decreasedAt ? 1 : 0; // the last decrease was for the others
                packet.Fate = PacketFate.Lost;
                continue;
            }

            received++;
            lost -= packet.Fate == PacketFate.Lost && packet.SentAt > _decreasedAt ? 1 : 0; // it was late, not lost
            packet.Fate = PacketFate.Received;
            newest = Math.Max(newest, packet.SentAt);
            var arrival = feedback.Arrival.Ticks + offset;
            if (received == 1)
                FillGap(first.Value, arrival - packet.SentAt);
            HandleArrival(packet, arrival);
        }

        if (first is { } from && feedback.PacketCount > 0)
            _nextNumber = (ushort)(from + feedback.PacketCount);

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
        if (_loss.Update(Bitrate, received: null, isQueue: true, RoundTripTime, now))
        {
            DecreasedAt = now;
            _rate.Set(Bitrate);
        }
        else
        {
            _rate.Update(LinkUsage.Normal, sent, sent, TimeSpan.Zero, RoundTripTime, now);
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

    /// <summary>The path is another one: what delays were says nothing any more, nor what becomes of packets that took the former one.</summary>
    public void HandlePathChange(Instant now)
    {
        _pathSince = now.Ticks;
        _groups.Clear();
        _queue.Clear();
        _trend.Clear();
        _received.Clear();
        _roundTripTime = null;
    }

    /// <summary>
    /// Packets of which no feedback spoke, because it was lost: for the rate they arrived, as late as their neighbours. Otherwise half of the
    /// feedback would tell of half the rate.
    /// </summary>
    private void FillGap(ushort first, long delay)
    {
        if (_nextNumber is not { } next || (ushort)(first - next) >= PacketLog.Capacity)
            return;
        for (var number = next; number != first; number++)
        {
            ref var packet = ref _log.Find(new(number));
            if (packet.Fate == PacketFate.InFlight && packet.SentAt >= _pathSince)
                _received.Add(packet.SentAt + delay, packet.Size);
        }
    }

    private void HandleArrival(in PacketRecord packet, long arrival)
    {
        _received.Add(arrival, packet.Size);
        if (packet.Probe != 0)
            Prober.HandleReceived(packet, arrival);
        if (!_groups.Add(packet.SentAt, arrival, out var sentAt, out var delay))
            return;
        _queue.Add(sentAt, delay);
        _trend.Add(sentAt / (double)TimeSpan.TicksPerMillisecond, (delay - _queue.Base) / (double)TimeSpan.TicksPerMillisecond, _queue.Standing > LeastQueue || _queue.Latest > LongQueue);
    }

    /// <summary>The trend's verdict. A queue that stands, and neither grows nor shrinks since the buffer is full, is over-use as well.</summary>
    private LinkUsage UsageAt(Instant now)
    {
        _queueSince = QueueingDelay < s_fullQueue ? null : _queueSince ?? now;
        if (_foreign.IsPresent)
            return LinkUsage.Normal;
        return _trend.Usage == LinkUsage.Normal && now - _queueSince > s_fullQueueTime ? LinkUsage.Over : _trend.Usage;
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
        var (before, known) = (Bitrate, _rate.Capacity ?? Bitrate);
        IsMeasured = true;
        var received = _received.Over(before < SlowPath ? s_longWindow : s_window); // a few packets make no rate
        var isLossy = _loss.Update(before, received, _queue.Standing > LeastQueue, RoundTripTime, now);
        if (now - _raisedAt > s_trial)
            (_isStepTooLarge, _raisedAt) = (false, null); // it was borne out
        if (isLossy && received is { } passing)
            _rate.LearnCapacity(passing);
        var isCongested = _rate.Update(UsageAt(now), received, _received.Over(s_longWindow), QueueingDelay, RoundTripTime, now);
        var wasForeign = _foreign.IsPresent;
        var adjusted = _foreign.Update(QueueingDelay, _loss.Loss, isCongested, before, _rate.Bitrate, now);
        if (adjusted != _rate.Bitrate)
            _rate.Set(adjusted);
        if (_foreign.IsPresent != wasForeign)
            _rate.ForgetCapacity(); // it was shared
        _queue.IsHeld = _foreign.IsPresent;
        if ((isLossy || isCongested) && Bitrate < before)
        {
            _isStepTooLarge = now - _raisedAt < s_trial;
            DecreasedAt = now;
            _decreasedAt = now.Ticks;
            _queueSince = null;
            Prober.HandleDecrease(isOther: Bitrate >= SlowPath && Bitrate < OtherCapacity * Math.Min(before, known), now); // on a slow path each probe costs pictures
        }
        else if (Prober.TryTakeResult(_newestReported, Bitrate, now, out var proved))
        {
            // A token bucket lets a cluster pass at any rate: where the capacity is known the step is small, and smaller where the last was too large.
            if (IsNarrow(now) && _rate.Capacity is { } capacity)
                proved = Math.Min(proved, (long)(Math.Max(capacity, before) * (_isStepTooLarge ? CarefulStep : KnownCapacityStep)));
            _raisedAt = now;
            _rate.Set(Math.Max(proved, _rate.Bitrate));
            _loss.Raise(proved);
        }
    }
}
