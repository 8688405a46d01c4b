namespace EdgeCam.Agent.Devices.Ports;

/// <summary>An input's level counts once it has lasted long enough; it is dated from its first moment.</summary>
/// <param name="told">The new value, and when it came: nanoseconds of CLOCK_MONOTONIC.</param>
internal sealed class GpioDebouncer : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _debounce;
    private readonly Action<bool, long> _told;
    private readonly ITimer? _timer;
    private bool _value; // as told
    private bool _level;
    private long _at;

    public GpioDebouncer(TimeSpan debounce, bool value, TimeProvider time, Action<bool, long> told)
    {
        (_debounce, _told, _value, _level) = (debounce, told, value, value);
        if (debounce > TimeSpan.Zero)
            _timer = time.CreateTimer(_ => Settle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>An edge, to this level. Of two alike the second is none: an edge between them was missed.</summary>
    public void Change(bool level, long at)
    {
        lock (_gate)
        {
            if (_level == level)
                return;
            (_level, _at) = (level, at);
            if (_timer is not null)
                _timer.Change(_debounce, Timeout.InfiniteTimeSpan);
            else
                Tell();
        }
    }

    public void Dispose() => _timer?.Dispose();

    private void Settle()
    {
        lock (_gate)
        {
            if (_level != _value)
                Tell();
        }
    }

    private void Tell()
    {
        _value = _level;
        _told(_value, _at);
    }
}
