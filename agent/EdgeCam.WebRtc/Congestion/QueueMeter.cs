namespace EdgeCam.WebRtc.Congestion;

/// <summary>
/// The queue that stands on the way: the shortest delay of the last tenths of a second, less the shortest of the last half
/// to whole minute. Jitter and the sender's own bursts drop out, since some packet always passes without them.
/// </summary>
internal sealed class QueueMeter
{
    private const long Step = 50 * TimeSpan.TicksPerMillisecond;
    private const int Steps = 4;
    private const long HalfBase = 30 * TimeSpan.TicksPerSecond;

    private readonly long[] _least = [long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue]; // of each step, newest at _step
    private long _step = long.MinValue;
    private long _base = long.MaxValue, _formerBase = long.MaxValue;
    private long _baseSince;

    /// <summary>The shortest delay is not forgotten for now, two minutes at most: the queue never empties, for a reason that is known.</summary>
    public bool IsHeld { get; set; }

    /// <summary>In ticks.</summary>
    public long Standing { get; private set; }

    /// <summary>Of the last twentieth of a second only.</summary>
    public long Latest { get; private set; }

    /// <summary>The shortest one-way delay, of any origin; only differences say anything.</summary>
    public long Base => Math.Min(_base, _formerBase);

    /// <summary>Takes a complete group, in ticks.</summary>
    public void Add(long sentAt, long delay)
    {
        if (_base == long.MaxValue || sentAt - _baseSince > (IsHeld ? 4 * HalfBase : HalfBase))
            (_formerBase, _base, _baseSince) = (_base, delay, sentAt);
        _base = Math.Min(_base, delay);

        var step = sentAt / Step;
        if (step - _step is < 0 or > Steps)
            _step = step - Steps;
        while (_step < step)
            _least[++_step & (Steps - 1)] = long.MaxValue;
        ref var newest = ref _least[step & (Steps - 1)];
        newest = Math.Min(newest, delay);
        var least = long.MaxValue;
        foreach (var one in _least)
            least = Math.Min(least, one);
        Standing = least - Base;
        Latest = newest - Base;
    }

    public void Clear()
    {
        _step = long.MinValue;
        _base = _formerBase = long.MaxValue;
        Standing = Latest = 0;
    }
}
