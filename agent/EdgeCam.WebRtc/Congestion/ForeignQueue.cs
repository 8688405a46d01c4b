using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// Tells a queue of others from our own. Two seconds after the rate went down below what arrives, or five times as long as the queue was, a
/// queue of ours alone has drained; one that stands nevertheless belongs to a flow that fills buffers until packets are lost, and yielding
/// to it has no end. Then loss alone decides, up to a fair share of what there was, and every ten seconds the rate goes down for two, to
/// see whether the queue is ours after all.
/// </summary>
internal sealed class ForeignQueue
{
    private const double TrialShare = 0.8;
    private const double FairShare = 0.6; // of what was had alone
    private const double LeastLoss = 0.05, MostLoss = 0.1; // to begin, to end

    private static readonly TimeSpan s_standing = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan s_clear = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan s_clearTime = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_memory = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_trialInterval = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_lossTime = TimeSpan.FromSeconds(4); // longer than from one overflow of the other flow to the next

    private Instant? _since; // the first decrease while a queue stood
    private TimeSpan _longest; // since then
    private long _rateThen;
    private long _clearRate; // when no queue stood last
    private Instant? _clearSince;
    private Instant? _lastPresent;
    private Instant _nextTrial = Instant.Never, _trialEnd = Instant.Never;
    private long _rateBeforeTrial;
    private double _loss; // while it is present over s_lossTime, since its overflows cost a burst of packets each
    private Instant _updated;

    public bool IsPresent { get; private set; }

    /// <summary>Takes the state after a feedback and may give another rate.</summary>
    /// <param name="isDecreased">The rate has just gone down from <paramref name="before"/> because queues grew.</param>
    /// <param name="loss">Much of it means that the queue overflows by us.</param>
    public long Update(TimeSpan queue, double loss, bool isDecreased, long before, long bitrate, Instant now)
    {
        _loss = IsPresent ? _loss + ((loss - _loss) * Math.Min((now - _updated) / s_lossTime, 1)) : loss;
        _updated = now;
        _clearSince = queue > s_clear ? null : _clearSince ?? now;
        if ((_clearSince is { } clear && now - clear >= s_clearTime) || _loss > MostLoss)
        {
            _lastPresent = IsPresent ? now : _lastPresent;
            IsPresent = false;
            _since = null;
            if (_loss <= MostLoss)
                _clearRate = Math.Max(bitrate, (long)(_clearRate * 0.995)); // some seconds long: it goes down before the queue is seen
            return bitrate;
        }

        if (IsPresent)
            return Try(bitrate, now);
        if (isDecreased && _since is null)
        {
            (_since, _longest) = (now, queue);
            if (now - _lastPresent is not { } ago || ago > s_memory)
                _rateThen = Math.Max(before, _clearRate); // else it is the same flow still, and this was given up to it
        }

        if (queue > _longest)
            _longest = queue;
        if (_since is not { } since || now - since < s_patience || now - since < _longest * 5 || queue < s_standing || queue < _longest * 0.4 || loss > LeastLoss)
            return bitrate;
        (IsPresent, _loss) = (true, 0);
        (_nextTrial, _trialEnd) = (now + s_trialInterval, Instant.Never);
        return Math.Max(bitrate, _rateThen / 3); // part of what was given up in vain
    }

    private long Try(long bitrate, Instant now)
    {
        if (now >= _trialEnd)
        {
            (_trialEnd, _nextTrial) = (Instant.Never, now + s_trialInterval);
            return Math.Max(_rateBeforeTrial, bitrate);
        }

        if (now < _nextTrial)
            return Math.Min(bitrate, (long)(_rateThen * FairShare));
        (_nextTrial, _trialEnd) = (Instant.Never, now + s_patience);
        _rateBeforeTrial = bitrate;
        return (long)(bitrate * TrialShare);
    }
}
