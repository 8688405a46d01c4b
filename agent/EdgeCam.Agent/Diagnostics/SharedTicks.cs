namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// The system's time, in which all periodic timers of whole half seconds are one. There are a dozen of them; a processor that is woken twice a second for
/// all of them uses less and sleeps longer than one that is woken twenty times.
/// </summary>
internal sealed class SharedTicks : TimeProvider, IDisposable
{
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly List<SharedTimer> _timers = [];
    private ITimer? _ticks;

    /// <summary>One whose times are whole ticks joins the others, and is due up to a tick late at first; else it is the system's.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (period < Tick || !IsWhole(period) || !IsWhole(dueTime))
            return base.CreateTimer(callback, state, dueTime, period);
        var timer = new SharedTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (_gate)
        {
            _timers.Add(timer);
            _ticks ??= base.CreateTimer(static ticks => ((SharedTicks)ticks!).Fire(), this, Tick, Tick);
        }

        return timer;
    }

    public void Dispose() => _ticks?.Dispose();

    private static bool IsWhole(TimeSpan time) => time >= TimeSpan.Zero && time.Ticks % Tick.Ticks == 0;

    private void Fire()
    {
        SharedTimer[] due;
        lock (_gate)
            due = [.. _timers.Where(static timer => timer.IsDueNow())];
        foreach (var timer in due)
            timer.Callback();
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

        /// <summary>Times are rounded up to whole ticks; infinite ones are as long as it lives.</summary>
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (owner._gate)
                (_left, _period) = (InTicks(dueTime), InTicks(period));
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

        private static long InTicks(TimeSpan time) => time < TimeSpan.Zero ? long.MaxValue : (time.Ticks + Tick.Ticks - 1) / Tick.Ticks;
    }
}
