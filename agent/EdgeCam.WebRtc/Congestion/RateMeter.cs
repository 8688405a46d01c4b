namespace EdgeCam.WebRtc.Congestion;

/// <summary>Bytes by time, in steps of 20 ms over the last 0.64 s, and the rate over the end of it.</summary>
internal sealed class RateMeter
{
    private const long Step = 20 * TimeSpan.TicksPerMillisecond;
    private const int Steps = 32;

    private readonly int[] _bytes = new int[Steps];
    private long _newest = long.MinValue; // number of the newest step
    private long _oldest;
    private long _last;

    /// <summary>Adds bytes at a time, in ticks; late ones count where they belong.</summary>
    public void Add(long time, int bytes)
    {
        var step = time / Step;
        if (_newest == long.MinValue || step - _newest >= Steps || _newest - step >= 1000)
        {
            Array.Clear(_bytes);
            _oldest = _newest = step;
            _last = time;
        }

        while (_newest < step)
            _bytes[++_newest & (Steps - 1)] = 0;
        if (_newest - step >= Steps)
            return;
        _bytes[step & (Steps - 1)] += bytes;
        _last = Math.Max(_last, time);
    }

    /// <summary>Bits per second over the span before the last bytes; null before that much was seen.</summary>
    public long? Over(TimeSpan span)
    {
        var steps = Math.Min((int)(span.Ticks / Step), Steps - 1);
        if (_newest == long.MinValue || _newest - _oldest < steps)
            return null;
        long sum = 0;
        for (var i = 0; i <= steps; i++)
            sum += _bytes[(_newest - i) & (Steps - 1)];
        var ticks = (steps * Step) + (_last - (_newest * Step));
        return sum * 8 * TimeSpan.TicksPerSecond / ticks;
    }

    public void Clear() => _newest = long.MinValue;
}
