using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// Says when to try whether the path carries more: at the start, and while the estimate is below what the viewer could use. One cluster at
/// a time; after a success the next one waits until traffic has borne it out or two seconds have passed, since a token bucket on the way
/// lets a short cluster pass at any rate; after a failure the next one waits longer. Where the traffic stays far below the estimate nothing
/// will bear out a success: there a cluster is long enough to empty such a bucket, and ends as soon as a queue grows.
/// </summary>
internal sealed class Prober
{
    private const int DatagramSize = 1200;
    private const long SlowPath = 300_000;
    private const int StartAttempts = 3;
    private const double Borne = 0.75; // so much of a rate must be used to bear it out

    private static readonly TimeSpan s_clusterTime = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_firstClusterTime = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan s_longClusterTime = TimeSpan.FromMilliseconds(600);
    private static readonly TimeSpan s_sendingSlack = TimeSpan.FromMilliseconds(260);
    private static readonly TimeSpan s_resultLimit = TimeSpan.FromMilliseconds(600); // beyond the round trip
    private static readonly TimeSpan s_confirmation = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_moreConfirmation = TimeSpan.FromSeconds(1.5); // a full bucket of tokens looks like capacity for so long
    private static readonly TimeSpan s_firstInterval = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_borneInterval = TimeSpan.FromSeconds(1.5); // after one that traffic bore out: an IDR picture in between is likelier than that there is no more
    private static readonly TimeSpan s_longestInterval = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan s_longestPatience = TimeSpan.FromSeconds(12); // long clusters cost more where they fail
    private static readonly TimeSpan s_ownConfirmation = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_startInterval = TimeSpan.FromMilliseconds(400);

    private ProbeCluster _cluster;
    private TimeSpan _clusterTime;
    private bool _isLong;
    private bool _isSending, _isAwaited;
    private bool _isStart = true;
    private bool _isContent; // the estimate is all that the viewer could use
    private int _failures;
    private TimeSpan _interval = s_firstInterval;
    private Instant _nextAt;
    private long _toConfirm; // a rate that a probe gave and no traffic has borne out yet
    private Instant _confirmBy;
    private bool _isConfirmationLong;

    public long Started { get; private set; }

    public long Succeeded { get; private set; }

    /// <summary>Packets that leave now belong to this cluster; 0 for none.</summary>
    public byte Current => _isSending ? _cluster.Number : (byte)0;

    public bool IsSending => _isSending;

    /// <summary>Nothing was tried yet, and there is something to be found.</summary>
    public bool IsFirstDue => Started == 0 && !_isContent;

    /// <summary>The rate to send at while <see cref="IsSending"/>.</summary>
    public long Bitrate => _cluster.Bitrate;

    /// <summary>When <see cref="Update"/> wants to be called next, besides with each feedback.</summary>
    public Instant NextTimeout => _isContent ? Instant.Never
        : _isSending ? _cluster.StartedAt + _clusterTime + s_sendingSlack
        : _isAwaited ? Instant.Never // feedback comes, or nothing helps
        : _toConfirm > 0 ? _confirmBy
        : _nextAt;

    /// <summary>Begins anew, with a first cluster as soon as something is sent.</summary>
    public void Restart(Instant now)
    {
        _isStart = true;
        _failures = 0;
        _isSending = _isAwaited = _isContent = false;
        _toConfirm = 0;
        _interval = s_firstInterval;
        _nextAt = now;
    }

    /// <summary>Starts a cluster where one is due.</summary>
    /// <param name="ceiling">More than that is not asked for.</param>
    /// <param name="received">What arrives, for the confirmation of the last success.</param>
    /// <param name="isClear">No queue stands and none grows.</param>
    /// <param name="isGrowing">A queue has just begun.</param>
    /// <param name="isNarrow">The capacity was met not long ago: smaller steps.</param>
    public void Update(long estimate, long ceiling, long received, bool isClear, bool isGrowing, bool isNarrow, TimeSpan roundTripTime, Instant now)
    {
        if (_isSending && now - _cluster.StartedAt >= _clusterTime + s_sendingSlack)
            (_isSending, _nextAt) = (false, now + TimeSpan.FromSeconds(1)); // nothing to send it with
        if (_isAwaited && now - _cluster.StartedAt > _clusterTime + s_resultLimit + roundTripTime)
            Fail(now);
        if (_isSending && _isLong && isGrowing)
            Fail(now);
        if (_isSending || _isAwaited || now < _nextAt)
            return;
        _isContent = false;
        if (_toConfirm > 0)
        {
            if (isNarrow && !_isConfirmationLong && !_isLong)
                (_confirmBy, _isConfirmationLong) = (_confirmBy + s_moreConfirmation, true);
            if (now < _confirmBy && (isNarrow || received < _toConfirm * Borne))
                return;
            if (received >= _toConfirm * Borne)
                _interval = isNarrow ? s_firstInterval : s_borneInterval;
            _toConfirm = 0;
        }

        if (estimate >= ceiling * 0.95)
        {
            _nextAt = now + TimeSpan.FromSeconds(1);
            _isContent = true;
            _interval = s_firstInterval;
            _isStart &= Succeeded == 0; // what comes later is no beginning
            return;
        }

        if (!isClear)
        {
            _nextAt = now + TimeSpan.FromMilliseconds(500);
            return;
        }

        _isLong = !_isStart && received < estimate * Borne;
        var factor = _isStart && Succeeded == 0 ? 3 : !isNarrow ? 2 : _isLong ? 1.3 : 1.5;
        Begin(Math.Min((long)(estimate * factor), ceiling), estimate, now);
    }

    public void HandleSent(int size, Instant now)
    {
        if (!_isSending)
            return;
        _cluster.AddSent(size, now);
        if (_cluster.IsSent)
            (_isSending, _isAwaited) = (false, true);
    }

    /// <summary>A packet of a cluster arrived.</summary>
    public void HandleReceived(in PacketRecord packet, long arrival)
    {
        if (packet.Probe == _cluster.Number && (_isAwaited || _isSending))
            _cluster.AddReceived(packet.Size, packet.SentAt, arrival);
    }

    /// <summary>True where feedback has spoken of the whole cluster; then <paramref name="result"/> is what it proved, in bits per second.</summary>
    /// <param name="reportedUpTo">When the newest packet was sent that was reported on.</param>
    public bool TryTakeResult(long reportedUpTo, long estimate, Instant now, out long result)
    {
        result = 0;
        if (!_isAwaited || reportedUpTo < _cluster.LastSent)
            return false;
        _isAwaited = false;
        result = _cluster.Result(out var isSaturated);
        if (result <= estimate * 1.05)
        {
            Fail(now);
            return false;
        }

        Succeeded++;
        if (_isStart && !isSaturated)
        {
            _nextAt = now; // on at once: nothing is known yet
            return true;
        }

        _isStart = false;
        _toConfirm = result;
        (_confirmBy, _isConfirmationLong) = (now + (_isLong ? s_ownConfirmation : s_confirmation), false);
        _nextAt = now;
        return true;
    }

    /// <summary>The rate had to go down: what a probe gave was not true, or the path has changed.</summary>
    /// <param name="isOther">So much that the capacity is another one.</param>
    public void HandleDecrease(bool isOther, Instant now)
    {
        if (_isSending || _isAwaited || _toConfirm > 0)
        {
            Fail(now);
            return;
        }

        if (isOther)
            _interval = s_firstInterval; // that probes found nothing was said of what is no more
        _isContent = false;
        _nextAt = Instant.Max(_nextAt, now + s_firstInterval); // not a probe's fault: no reason to become slower
    }

    private void Fail(Instant now)
    {
        _isSending = _isAwaited = false;
        _toConfirm = 0;
        if (_isStart && ++_failures < StartAttempts)
        {
            _nextAt = now + s_startInterval; // a viewer that has just begun is busy with itself
            return;
        }

        _isStart = false;
        _nextAt = now + _interval;
        var (factor, longest) = _isLong ? (2, s_longestPatience) : (1.5, s_longestInterval);
        _interval = _interval * factor < longest ? _interval * factor : longest;
    }

    private void Begin(long bitrate, long estimate, Instant now)
    {
        Started++;
        _clusterTime = _isLong ? s_longClusterTime : _isStart ? s_firstClusterTime : s_clusterTime;
        var isSlow = estimate < SlowPath && !_isLong; // a cluster must not fill a slow path's buffer
        _cluster = new()
        {
            Number = (byte)((Started % 255) + 1),
            Bitrate = bitrate,
            GoalBytes = isSlow ? 2 * DatagramSize : Math.Max((int)(bitrate / 8 * _clusterTime.TotalSeconds), 4 * DatagramSize),
            GoalPackets = isSlow ? 3 : 5,
            StartedAt = now,
        };
        _isSending = true;
    }
}
