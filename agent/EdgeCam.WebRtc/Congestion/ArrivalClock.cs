namespace EdgeCam.WebRtc.Congestion;

/// <summary>Unwraps the reference time of transport feedback, 24 bits of 64 ms, into ticks that only grow with time.</summary>
internal sealed class ArrivalClock
{
    private const long Wrap = (1L << 24) * 64 * TimeSpan.TicksPerMillisecond;

    private long _offset;
    private long? _last;

    /// <summary>What to add to the arrival times of a feedback with this reference time.</summary>
    public long Unwrap(TimeSpan reference)
    {
        if (_last is { } last)
        {
            var step = reference.Ticks - last;
            _offset += step < -Wrap / 2 ? Wrap : step > Wrap / 2 ? -Wrap : 0;
        }

        _last = reference.Ticks;
        return _offset;
    }
}
