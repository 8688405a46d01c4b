using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;

namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// Congestion control of one viewer: what its feedback says becomes an estimate, the estimate a budget for the pacer. It belongs to the
/// loop of its peer connection and allocates nothing per packet.
/// </summary>
/// <remarks>
/// Left out of draft-ietf-rmcat-gcc-02: the receiver-side estimator (REMB is taken where a viewer sends it). Left out besides: RFC 8888, ECN,
/// coupling of several viewers behind one path (RFC 8699).
/// </remarks>
internal sealed class CongestionController(FeedbackKind feedback, Instant now) : ISendObserver
{
    /// <summary>For a path of which nothing is known.</summary>
    public const long CautiousStart = 1_000_000;

    /// <summary>For a path within the house: a group of pictures of 2 s at 4 Mbit/s leaves within 100 ms.</summary>
    public const long LocalStart = 50_000_000;

    /// <summary>For a viewer whose reports tell of loss only, or nothing: what common streams need, until loss says less.</summary>
    public const long BlindStart = 10_000_000;

    private const long MostBitrate = 200_000_000;
    private const double WantedHeadroom = 1.25;
    private const long LeastQueue = 8000; // on a path below 256 kbit/s a picture left out, and the IDR picture after it, freeze for longer than these wait

    private static readonly TimeSpan s_localRoundTrip = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_silenceStep = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_longestQueue = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_burst = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan s_probeBurst = TimeSpan.FromMilliseconds(4);
    private static readonly TimeSpan s_clearQueue = TimeSpan.FromMilliseconds(15);
    private static readonly TimeSpan s_newQueue = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan s_deepQueue = TimeSpan.FromMilliseconds(50);

    private readonly BandwidthEstimator _estimator = new(CautiousStart);
    private readonly SendPacer _pacer = new(now);
    private readonly RateMeter _sent = new();
    private long _wanted = 4_000_000;
    private long _maximumBitrate = long.MaxValue;
    private bool _isMaximumKnown;
    private bool _isProbePaced;
    private double _paceFactor = 1;
    private uint? _highestReported;
    private int _lostReported;
    private Instant _silentSince = Instant.Never; // since then packets are out and nothing came back
    private Instant _lastSpent = new(0);
    private bool _isSilent;
    private long _paddingBytes, _decreases;
    private Instant _lastDecrease = Instant.Never;

    /// <summary>Bits per second for all that is sent.</summary>
    public long Bitrate => Math.Clamp(Math.Min(_estimator.Bitrate, _maximumBitrate), BandwidthEstimator.Least, MostBitrate);

    public LinkEstimate Estimate => new(
        Bitrate, feedback == FeedbackKind.Transport ? _estimator.IsMeasured : _isMaximumKnown, _estimator.RoundTripTime, _estimator.Loss, _estimator.QueueingDelay, _isSilent);

    public CongestionStatistics Statistics => new(
        Bitrate, _estimator.Loss, _estimator.RoundTripTime, _estimator.QueueingDelay, _estimator.Prober.Started, _estimator.Prober.Succeeded, _paddingBytes, _decreases);

    /// <summary>Bits per second at which the pacer lets packets go.</summary>
    public long PacingBitrate { get; private set; }

    /// <summary>
    /// How much may wait to be sent, in bytes: what the path carries within 250 ms, or some packets where that is less. A probe's pace, or the
    /// one beside empty queues, lasts for moments only.
    /// </summary>
    public long QueueLimit => Math.Max(LeastQueue, (long)(Bitrate * Math.Min(_paceFactor, 1) / 8 * s_longestQueue.TotalSeconds));

    /// <summary>A probe runs that packets of no other use shall complete.</summary>
    public bool WantsPadding => _estimator.Prober.IsSending;

    /// <summary>When the next packet may leave.</summary>
    public Instant NextSend => _pacer.NextTimeout;

    /// <summary>When <see cref="HandleTimeout"/> wants to be called next.</summary>
    public Instant NextTimeout => feedback != FeedbackKind.Transport || PacingBitrate == 0 || _silentSince == Instant.Never
        ? Instant.Never
        : Instant.Min(_estimator.Prober.NextTimeout, _silentSince + s_silence);

    /// <summary>The path is there: begins with what is remembered of it, or with what its round trip promises.</summary>
    /// <param name="remembered">From an earlier connection: a limit is kept to, anything else is the least to begin with.</param>
    /// <param name="isLocal">Both ends are addresses of one network.</param>
    public void Start(RememberedLink remembered, bool isLocal, TimeSpan? roundTripTime, Instant now)
    {
        var start = remembered.IsLimit ? 0
            : isLocal && (roundTripTime is null || roundTripTime < s_localRoundTrip) ? LocalStart
            : feedback == FeedbackKind.Reports ? BlindStart
            : CautiousStart;
        start = Math.Max(start, remembered.Bitrate);
        _estimator.Set(Math.Clamp(start, BandwidthEstimator.Least, MostBitrate));
        if (roundTripTime is { } measured)
            _estimator.HandleRoundTrip(measured);
        _estimator.Prober.Restart(now);
        SetPace(now);
    }

    /// <summary>Another pair was selected.</summary>
    public void HandlePathChange(RememberedLink remembered, bool isLocal, TimeSpan? roundTripTime, Instant now)
    {
        var before = Bitrate;
        _estimator.HandlePathChange(now);
        Start(remembered, isLocal, roundTripTime, now);
        if (Bitrate > before)
            _estimator.Set(before); // the probes find what is more
        SetPace(now);
    }

    /// <summary>The most that the viewer could use: probes go little beyond.</summary>
    public void SetWanted(long bitsPerSecond) => _wanted = Math.Clamp(bitsPerSecond, BandwidthEstimator.Least, MostBitrate);

    /// <summary>Whether so many bytes may wait besides what waits already.</summary>
    public bool CanCarry(long bytes, long waiting) => bytes + waiting <= QueueLimit;

    /// <summary>Bytes that may leave now; 0 before <see cref="NextSend"/>.</summary>
    public int Available(Instant now)
    {
        if (feedback == FeedbackKind.Transport && _estimator.Prober.IsFirstDue)
        {
            Probe(now); // what waits now is the first cluster
            SetPace(now);
        }

        return _pacer.Available(now);
    }

    public void Spend(int bytes, bool isPadding, Instant now)
    {
        _pacer.Spend(bytes);
        _sent.Add(now.Ticks, bytes);
        _paddingBytes += isPadding ? bytes : 0;
        if (_silentSince == Instant.Never || now - _lastSpent > s_pause)
            _silentSince = now; // what was sent before a pause is not waited for
        _lastSpent = now;
        if (_isProbePaced != _estimator.Prober.IsSending)
            SetPace(now);
    }

    public void HandleTimeout(Instant now)
    {
        if (_silentSince != Instant.Never && now - _silentSince >= s_silence && feedback == FeedbackKind.Transport)
        {
            _silentSince = now - s_silence + s_silenceStep; // one step at a time, also where this comes late
            if (now - _lastSpent <= s_silenceStep)
            {
                _isSilent = true;
                _estimator.HandleSilence(now);
            }
        }

        Probe(now);
        SetPace(now);
    }

    public void HandleSent(SequenceNumber number, int size, Instant now)
    {
        if (feedback == FeedbackKind.Transport)
            _estimator.HandleSent(number, size, now);
    }

    public void HandleFeedback(TransportFeedback transportFeedback, Instant now)
    {
        if (feedback != FeedbackKind.Transport)
            return;
        (_silentSince, _isSilent) = (Instant.Never, false);
        _estimator.HandleFeedback(transportFeedback, now);
        Probe(now);
        SetPace(now);
    }

    public void HandleReport(in ReportBlock report, TimeSpan? roundTripTime, Instant now)
    {
        if (roundTripTime is { } measured)
            _estimator.HandleRoundTrip(measured);
        if (feedback != FeedbackKind.Transport && _highestReported is { } highest)
        {
            var expected = (int)(report.HighestSequenceNumber - highest);
            if (expected is > 0 and < 100_000)
                _estimator.HandleReport(expected, Math.Clamp(report.PacketsLost - _lostReported, 0, expected), _sent.Over(s_silenceStep), now);
            SetPace(now);
        }

        (_highestReported, _lostReported) = (report.HighestSequenceNumber, report.PacketsLost);
    }

    public void HandleMaximumBitrate(long bitsPerSecond, Instant now)
    {
        // Beside transport feedback it is the viewer's own wish, and a bound; without, it is the estimate.
        _maximumBitrate = bitsPerSecond;
        if (feedback != FeedbackKind.MaximumBitrate)
            return;
        _isMaximumKnown = true;
        _estimator.Set(Math.Clamp(bitsPerSecond, BandwidthEstimator.Least, MostBitrate));
        SetPace(now);
    }

    private void Probe(Instant now)
    {
        var isClear = _estimator.Usage == LinkUsage.Normal && _estimator.QueueingDelay < s_clearQueue;
        var isGrowing = _estimator.Usage == LinkUsage.Over || _estimator.LatestQueueingDelay > s_newQueue;
        var ceiling = Math.Min((long)(_wanted * WantedHeadroom), _maximumBitrate);
        _estimator.Prober.Update(Bitrate, ceiling, _estimator.Received ?? 0, isClear, isGrowing, _estimator.IsNarrow(now), _estimator.RoundTripTime, now);
    }

    /// <summary>
    /// Faster than the estimate where no queue stands and none stood lately, so that a large picture is there soon; near the capacity hardly
    /// faster, and slower while a queue drains.
    /// </summary>
    private void SetPace(Instant now)
    {
        if (_estimator.DecreasedAt != _lastDecrease)
            (_lastDecrease, _decreases) = (_estimator.DecreasedAt, _decreases + 1);
        var queue = _estimator.QueueingDelay;
        _paceFactor = _estimator.IsQueueForeign ? 1.05
            : queue > 2 * s_deepQueue ? 0.9
            : queue > s_deepQueue ? 1
            : _estimator.IsNarrow(now) ? 1.03
            : 2;
        _isProbePaced = _estimator.Prober.IsSending;
        PacingBitrate = _isProbePaced ? Math.Max(_estimator.Prober.Bitrate, Bitrate) : (long)(Bitrate * _paceFactor);
        _pacer.Set(PacingBitrate, _isProbePaced ? s_probeBurst : s_burst, now);
    }
}
