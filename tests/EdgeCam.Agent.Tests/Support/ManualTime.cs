namespace EdgeCam.Agent.Tests.Support;

/// <summary>A clock that stands still until it is moved, and then runs the timers that are due.</summary>
/// <param name="start">What it shows at first; null: 1970, as a device without a clock does.</param>
internal sealed class ManualTime(DateTimeOffset? start = null) : TimeProvider
{
    /// <summary>What a clock that is set may show.</summary>
    public static readonly DateTimeOffset SetClock = new(2100, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private long _now;
    private long _jumped;
    private int _made;

    /// <summary>Timers that were ever made.</summary>
    public int Timers => Volatile.Read(ref _made);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Volatile.Read(ref _now);

    public override DateTimeOffset GetUtcNow() => (start ?? DateTimeOffset.UnixEpoch) + TimeSpan.FromTicks(GetTimestamp() + Volatile.Read(ref _jumped));

    /// <summary>Somebody sets the wall clock; the monotonic one, and with it every timer, goes on.</summary>
    public void JumpWallClock(TimeSpan by) => Interlocked.Add(ref _jumped, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_gate)
            _timers.Add(timer);
        Interlocked.Increment(ref _made);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        var until = _now + by.Ticks;
        while (true)
        {
            ManualTimer? next;
            lock (_gate)
                next = _timers.Where(timer => timer.Due <= until).MinBy(timer => timer.Due);
            if (next is null)
                break;
            Volatile.Write(ref _now, Math.Max(_now, next.Due));
            next.Fire();
        }

        Volatile.Write(ref _now, until);
    }

    private sealed class ManualTimer(ManualTime time, Action callback) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public long Due { get; private set; } = long.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime == Timeout.InfiniteTimeSpan ? long.MaxValue : time.GetTimestamp() + dueTime.Ticks;
            _period = period;
            return true;
        }

        public void Fire()
        {
            Due = _period <= TimeSpan.Zero ? long.MaxValue : Due + _period.Ticks;
            callback();
        }

        public void Dispose()
        {
            lock (time._gate)
                time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
