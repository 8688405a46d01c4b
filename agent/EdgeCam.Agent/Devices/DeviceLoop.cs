using System.Threading.Channels;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices;

/// <summary>The one owner of all heads and lines: what others want of them is handed in, and each 20 ms every device has its turn.</summary>
/// <remarks>The guard's heartbeat is given here, so that it says what it should: that this loop still runs.</remarks>
/// <param name="beat">Called after each round of turns; must not wait.</param>
internal sealed class DeviceLoop(Func<Instant> clock, TimeProvider time, Action<Instant> beat, DropCounters drops, ILogger<DeviceLoop> log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private const int MaxQueued = 1024;

    private readonly List<IDevice> _devices = [];
    private readonly Channel<Action<Instant>?> _inbox = Channel.CreateBounded<Action<Instant>?>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private int _isTickDue;

    /// <summary>To be called before it runs.</summary>
    public void Add(IDevice device) => _devices.Add(device);

    /// <summary>Does something with the devices, after what was handed in before. Bound: 1024; policy: the newest is refused.</summary>
    /// <exception cref="DeviceLoopBusyException">The queue is full, or the loop has ended.</exception>
    public async ValueTask<T> InvokeAsync<T>(Func<Instant, T> action)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isTaken = _inbox.Writer.TryWrite(now =>
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
        });
        if (!isTaken)
        {
            drops.Count(Stage.Control, DropReason.QueueFull);
            throw new DeviceLoopBusyException();
        }

        return await result.Task;
    }

    /// <summary>As <see cref="InvokeAsync{T}"/>, for what needs no answer: what a port received, who has gone.</summary>
    public void Post(Action<Instant> action)
    {
        if (!_inbox.Writer.TryWrite(action))
            drops.Count(Stage.Control, DropReason.QueueFull);
    }

    /// <summary>In the loop: everything stands still and is safe.</summary>
    public void MakeSafe(string reason)
    {
        foreach (var device in _devices)
            Do(now => device.MakeSafe(reason, now));
    }

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = time.CreateTimer(_ => MakeTickDue(), null, TimeSpan.Zero, Interval);
        try
        {
            await foreach (var action in _inbox.Reader.ReadAllAsync(stop))
            {
                if (action is not null)
                    Do(action);
                else
                    Tick();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        finally
        {
            _inbox.Writer.TryComplete();
            while (_inbox.Reader.TryRead(out var action)) // nobody is left waiting for an answer
            {
                if (action is not null)
                    Do(action);
            }

            MakeSafe("the agent stops");
        }
    }

    private void MakeTickDue()
    {
        if (Interlocked.Exchange(ref _isTickDue, 1) == 0 && !_inbox.Writer.TryWrite(null))
            Volatile.Write(ref _isTickDue, 0);
    }

    private void Tick()
    {
        Volatile.Write(ref _isTickDue, 0);
        foreach (var device in _devices)
            Do(device.Tick);
        Do(beat);
    }

    /// <summary>Our own bug costs this turn, not the devices.</summary>
    private void Do(Action<Instant> action)
    {
        try
        {
            action(clock());
        }
#pragma warning disable CA1031 // see above
        catch (Exception bug)
#pragma warning restore CA1031
        {
            drops.Count(Stage.Control, DropReason.Fault);
            log.DeviceFaulted(bug);
        }
    }
}
