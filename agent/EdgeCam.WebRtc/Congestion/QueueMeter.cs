namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// The queue that stands on the way: the shortest delay of the last tenths of a second, less the shortest of the last ten to twenty
/// seconds. Jitter and the sender's own bursts drop out, since some packet always passes without them.
/// </summary>
internal sealed class QueueMeter
{
    private const int Recent = 5;
    private const long RecentSpan = 200 * TimeSpan.TicksPerMillisecond;
    private const long HalfBase = 10 * TimeSpan.TicksPerSecond;

    private readonly (long SentAt, long Delay)[] _recent = new (long, long)[Recent];
    private int _next;
    private int _count;
    private long _base = long.MaxValue, _formerBase = long.MaxValue;
    private long _baseSince;

    /// <summary>In ticks.</summary>
    public long Standing { get; private set; }

    /// <summary>The shortest one-way delay, of any origin; only differences say anything.</summary>
    public long Base => Math.Min(_base, _formerBase);

    /// <summary>Takes a complete group, in ticks.</summary>
    public void Add(long sentAt, long delay)
    {
        if (_base == long.MaxValue || sentAt - _baseSince > HalfBase)
            (_formerBase, _base, _baseSince) = (_base, delay, sentAt);
        _base = Math.Min(_base, delay);

        _recent[_next] = (sentAt, delay);
        _next = (_next + 1) % Recent;
        _count = Math.Min(_count + 1, Recent);
        var least = delay;
        for (var i = 0; i < _count; i++)
        {
            if (sentAt - _recent[i].SentAt <= RecentSpan)
                least = Math.Min(least, _recent[i].Delay);
        }

        Standing = least - Base;
    }

    public void Clear()
    {
        _count = 0;
        _base = _formerBase = long.MaxValue;
        Standing = 0;
    }
}
