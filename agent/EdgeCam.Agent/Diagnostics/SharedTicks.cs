namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// The system's time, in which all timers of whole half seconds are one. There are a dozen of them; a processor that is woken twice a second for
/// all of them uses less and sleeps longer than one that is woken twenty times.
/// </summary>
/// <remarks>A thread of its own, as the runtime's timers wake up three times for each expiry.</remarks>
internal sealed class SharedTicks : TimeProvider, IDisposable
{
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly List<SharedTimer> _timers = [];
    private readonly AutoResetEvent _end = new(initialState: false);
    private Thread? _thread;

    /// <summary>One whose times are whole ticks joins the others, and is due up to a tick late at first; else it is the system's.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var isOnce = period == Timeout.InfiniteTimeSpan && dueTime >= 2 * Tick;
        if (!IsWhole(dueTime) || (!isOnce && (period < Tick || !IsWhole(period))))
            return base.CreateTimer(callback, state, dueTime, period);
        var timer = new SharedTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_gate)
        {
            _timers.Add(timer);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "ticks" };
                _thread.Start();
            }
        }

        return timer;
    }

    /// <summary>No timer fires any more, but for those that do at this moment.</summary>
    public void Dispose() => _end.Set();

    private static bool IsWhole(TimeSpan time) => time >= TimeSpan.Zero && time.Ticks % Tick.Ticks == 0;

    private void Run()
    {
        while (!_end.WaitOne(Tick))
            Fire();
    }

    /// <summary>In the pool: one that blocks keeps those of its own tick waiting, and none of the next.</summary>
    private void Fire()
    {
        SharedTimer[] due;
        lock (_gate)
            due = [.. _timers.Where(static timer => timer.IsDueNow())];
        if (due.Length == 0)
            return;
        ThreadPool.UnsafeQueueUserWorkItem(
            static due =>
            {
                foreach (var timer in due)
                    timer.Callback();
            },
            due,
            preferLocal: false);
    }

    private sealed class SharedTimer(SharedTicks owner, Action callback) : ITimer
    {
        private long _left, _period; // in ticks

        public Action Callback => callback;

        /// <summary>Counts one tick.</summary>
        public bool IsDueNow()
        {
            if (--_left > 0)
                return false;
            _left = _period;
            return true;
        }

        /// <summary>Times are rounded up to whole ticks, the first by the one that has begun; infinite ones are as long as it lives.</summary>
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._gate)
                (_left, _period) = (dueTime == TimeSpan.Zero ? 0 : InTicks(dueTime, 1), InTicks(period));
            return true;
        }

        public void Dispose()
        {
            lock (owner._gate)
                owner._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private static long InTicks(TimeSpan time, int begun = 0) => time < TimeSpan.Zero ? long.MaxValue : ((time.Ticks + Tick.Ticks - 1) / Tick.Ticks) + begun;
    }
}
