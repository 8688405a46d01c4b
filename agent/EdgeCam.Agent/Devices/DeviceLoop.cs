using System.Threading.Channels;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices;

/// <summary>The one owner of all heads and lines: what others want of them is handed in, and each 20 ms every device has its turn.</summary>
/// <remarks>
/// The guard's heartbeat is given here, so that it says what it should: that this loop still runs, and that each device still does what is
/// due. Turns go before everything, what is urgent before commands: no flood of commands holds up a stop.
/// </remarks>
/// <param name="progress">Each round of turns is a sign of life.</param>
/// <param name="beat">Called after each round of turns; must not wait.</param>
internal sealed class DeviceLoop(Func<Instant> clock, TimeProvider time, Action<Instant> beat, DropCounters drops, ILogger<DeviceLoop> log, Progress? progress = null)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Where there is no device: the sign of life only.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    private const int MaxQueued = 1024;
    private const int MaxFailures = 5; // turns in a row

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly List<IDevice> _devices = [];
    private readonly List<int> _failures = []; // of each device, turns in a row
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Channel<Action<Instant>> _urgent = Channel.CreateBounded<Action<Instant>>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly Channel<Action<Instant>> _inbox = Channel.CreateBounded<Action<Instant>>(new BoundedChannelOptions(2 * MaxQueued) { SingleReader = true }); // half of it for what is urgent
    private int _isTickDue;

    /// <summary>To be called before it runs.</summary>
    public void Add(IDevice device)
    {
        _devices.Add(device);
        _failures.Add(0);
    }

    /// <summary>Does something with the devices, after what was handed in before. Bound: 1024; policy: the newest is refused.</summary>
    /// <param name="isUrgent">
    /// A stop: it is done ahead of what waits, and once more in its turn, for what was handed in before it must not outlive it. The answer is
    /// that of the first time.
    /// </param>
    /// <exception cref="DeviceLoopBusyException">The queue is full, or the loop has ended.</exception>
    public async ValueTask<T> InvokeAsync<T>(Func<Instant, T> action, bool isUrgent = false)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isTaken = isUrgent
            ? TryWriteUrgently(Answer, now => action(now))
            : _inbox.Reader.Count < MaxQueued && TryWrite(_inbox, Answer);
        if (!isTaken)
        {
            drops.Count(Stage.Control, DropReason.QueueFull);
            throw new DeviceLoopBusyException();
        }

        return await result.Task;

        void Answer(Instant now)
        {
            try
            {
                result.SetResult(action(now));
            }
#pragma warning disable CA1031 // whoever asked has it; the devices go on
            catch (Exception failure)
#pragma warning restore CA1031
            {
                result.SetException(failure);
            }
        }
    }

    /// <summary>Ahead of every command, without an answer: what a port received. Bound: 1024; policy: the newest is refused.</summary>
    public void Post(Action<Instant> action)
    {
        if (!TryWrite(_urgent, action))
            drops.Count(Stage.Control, DropReason.QueueFull);
    }

    /// <summary>As <see cref="Post"/>, and once more after the commands that were handed in before: who has gone is not to be followed by its own commands.</summary>
    public void PostTwice(Action<Instant> action)
    {
        if (!TryWriteUrgently(action, action))
            drops.Count(Stage.Control, DropReason.QueueFull);
    }

    /// <summary>In the loop: everything stands still and is safe.</summary>
    public void MakeSafe(string reason)
    {
        foreach (var device in _devices)
            TryDo(now => device.MakeSafe(reason, now));
    }

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = time.CreateTimer(_ => MakeTickDue(), null, TimeSpan.Zero, _devices.Count > 0 ? Interval : Rest);
        try
        {
            await foreach (var _ in _wake.Reader.ReadAllAsync(stop))
            {
                while (!stop.IsCancellationRequested && DoNext())
                {
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        finally
        {
            progress?.Rest();
            _urgent.Writer.TryComplete();
            _inbox.Writer.TryComplete();
            while (_urgent.Reader.TryRead(out var action) || _inbox.Reader.TryRead(out action)) // nobody is left waiting for an answer
                TryDo(action);
            MakeSafe("the agent stops");
        }
    }

    private bool TryWriteUrgently(Action<Instant> first, Action<Instant> again)
    {
        if (!_inbox.Writer.TryWrite(again)) // before the first time, which may be at once
            return false;
        return TryWrite(_urgent, first);
    }

    private bool TryWrite(Channel<Action<Instant>> queue, Action<Instant> action)
    {
        var isTaken = queue.Writer.TryWrite(action);
        _wake.Writer.TryWrite(true);
        return isTaken;
    }

    private void MakeTickDue()
    {
        Volatile.Write(ref _isTickDue, 1);
        _wake.Writer.TryWrite(true);
    }

    /// <returns>False where nothing waits.</returns>
    private bool DoNext()
    {
        var isTick = Interlocked.Exchange(ref _isTickDue, 0) != 0;
        if (isTick)
            Tick();
        if (!_urgent.Reader.TryRead(out var action) && !_inbox.Reader.TryRead(out action))
            return isTick;
        TryDo(action);
        return true;
    }

    /// <summary>A device that fails is made safe, and where it goes on failing the beat is withheld: then the guard makes everything safe.</summary>
    private void Tick()
    {
        progress?.Within(s_patience);
        var isWell = true;
        for (var i = 0; i < _devices.Count; i++)
        {
            var device = _devices[i];
            if (TryDo(device.Tick, isLogged: _failures[i] < MaxFailures))
            {
                _failures[i] = 0;
                continue;
            }

            if (_failures[i] < MaxFailures)
            {
                TryDo(now => device.MakeSafe("a fault of the agent", now));
                if (++_failures[i] == MaxFailures)
                    log.BeatWithheld(device.Name);
            }

            isWell &= _failures[i] < MaxFailures;
        }

        if (isWell)
            TryDo(beat);
    }

    /// <summary>Our own bug costs this turn, not the devices.</summary>
    private bool TryDo(Action<Instant> action, bool isLogged = true)
    {
        try
        {
            action(clock());
            return true;
        }
#pragma warning disable CA1031 // see above
        catch (Exception bug)
#pragma warning restore CA1031
        {
            drops.Count(Stage.Control, DropReason.Fault);
            if (isLogged)
                log.DeviceFaulted(bug);
            return false;
        }
    }
}
