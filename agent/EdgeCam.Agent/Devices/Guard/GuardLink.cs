using System.Collections.Concurrent;
using System.ComponentModel;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>
/// The agent's end of the guard: starts it, has it hold the ports, and starts it anew where it ends. The users of the ports and
/// <c>tripped</c> are called in the device loop.
/// </summary>
/// <param name="program">The binary of <c>edgecam</c>, see <see cref="FindProgram"/>.</param>
/// <param name="socketPath">Where <c>edgecam safe</c> finds the guard: <see cref="GuardSocket.Name"/> in the state folder.</param>
/// <param name="post">Hands an action to the device loop; it may refuse, then the next beat does it.</param>
/// <param name="tripped">The guard has made everything safe, for this reason: every device is to know.</param>
internal sealed class GuardLink(
    string program,
    string? socketPath,
    Action<Action<Instant>> post,
    Action<string, Instant> tripped,
    DropCounters drops,
    TimeProvider time,
    ILogger<GuardLink> log) : IPortOpener
{
    private const int MaxUnanswered = 20; // beats: 400 ms of them, and it answers each 100 ms
    private const int MaxUnansweredAtStart = 500; // starting takes its time on a small device
    private const int MaxWaiting = 4096;

    private static readonly TimeSpan[] s_backOff = [.. new[] { 0.1, 0.5, 1, 2, 5 }.Select(TimeSpan.FromSeconds)];
    private static readonly TimeSpan s_healthy = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_atOnce = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_alive = TimeSpan.FromSeconds(1); // a child that lived so long is worth another at once, said it something or not
    private static readonly TimeSpan s_portRest = TimeSpan.FromSeconds(1); // of a port whose user failed
    private static readonly TimeSpan s_lastPatience = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly List<LinkPort> _ports = []; // under the gate
    private readonly TaskCompletionSource _isWanted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentQueue<(LinkPort? Port, Action<Instant> Action)> _events = []; // to the device loop, in order
    private readonly Dictionary<LinkPort, long> _failed = []; // since when, where the user of a port failed; in the device loop
    private int _isDrainDue;
    private bool _isLeftSafe; // the last child made everything safe and ended in order

    private GuardChild? _child; // under the gate
    private long? _lastBeat; // under the gate
    private long _armAt; // no beats before, so that whatever made the last child end does not do so again and again; under the gate
    private int _unanswered; // beats, under the gate
    private bool _isHeard; // the child has said something; under the gate
    private int _session; // a number for each child; under the gate
    private uint _trips; // as the child said last; these are under the gate
    private uint _handledTrips; // of which every device has been told
    private uint _knownTrips; // of which the child knows that they have been: only then it takes writes

    /// <summary>Process id of the guard; 0 where none runs.</summary>
    public int ProcessId
    {
        get
        {
            lock (_gate)
                return _child?.Id ?? 0;
        }
    }

    /// <summary>This program; under a host that is not edgecam (a test's, dotnet's), the one beside the assembly.</summary>
    public static string FindProgram() =>
        Environment.ProcessPath is { } path && Path.GetFileName(path) == "edgecam" ? path : Path.Combine(AppContext.BaseDirectory, "edgecam");

    public IDevicePort Open(PortPlan plan, IPortUser user)
    {
        lock (_gate)
        {
            var port = new LinkPort(this, (ushort)(_ports.Count + 1), plan, user);
            _ports.Add(port);
            if (_child is not null)
                Tell(_child, port);
            return port;
        }
    }

    /// <summary>The devices are looked after. To be called in the device loop, each 20 ms.</summary>
    public void Beat(Instant now)
    {
        Drain(now);
        Revive(now);
        lock (_gate)
        {
            _lastBeat = time.GetTimestamp();
            if (_ports.Count > 0)
                _isWanted.TrySetResult(); // from here on it is worth a guard
            if (_child is null || _handledTrips != _trips || !MayArm())
                return;
            if (_child.SendBeat(Frame(_trips)))
                _knownTrips = _trips;
            if (++_unanswered <= (_isHeard ? MaxUnanswered : MaxUnansweredAtStart))
                return;
            _unanswered = 0;
            log.GuardSilent(_child.Id);
            _child.Kill();
        }
    }

    /// <summary>Runs the guard, where there is a port to hold, until stopped; then has it make everything safe.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var isBegun = false;
        try
        {
            await _isWanted.Task.WaitAsync(stop);
            isBegun = true;
            for (var failures = 0; ; failures = Math.Min(failures + 1, s_backOff.Length - 1))
            {
                var began = time.GetTimestamp();
                var how = await RunChildAsync(stop);
                failures = time.GetElapsedTime(began) > s_healthy ? 0 : failures;
                var delay = EndChild(began, s_backOff[failures]);
                log.GuardEnded(how, delay.TotalMilliseconds, s_backOff[failures].TotalMilliseconds);
                await Task.Delay(delay, time, stop);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        if (isBegun && !_isLeftSafe)
            await MakeSafeAsync();
    }

    /// <summary>Hands a message to the guard, without waiting. Full: the guard hangs, and is ended.</summary>
    internal bool TrySend(GuardMessage message)
    {
        lock (_gate)
        {
            if (_child is null || _knownTrips != _trips || message.ToFrame() is not { } frame)
                return false;
            if (_child.TrySend(frame))
                return true;
            drops.Count(Stage.Control, DropReason.QueueFull);
            log.GuardSilent(_child.Id);
            _child.Kill();
            return false;
        }
    }

    private static byte[] Frame(uint trips) => new GuardMessage(GuardMessageKind.Beat) { Trips = trips }.ToFrame()!;

    private async Task<string> RunChildAsync(CancellationToken stop)
    {
        string how;
        try
        {
            var session = Prepare();
            using var child = GuardChild.Start(program, socketPath, message => Receive(session, message), line => log.GuardSays(line));
            Attach(child);
            how = await WaitAsync(child, stop);
        }
        catch (Win32Exception failure)
        {
            how = $"{program} could not be started: {failure.Message}";
        }
#pragma warning disable CA1031 // whatever it is, the ports' users are told and there is another attempt
        catch (Exception bug) when (bug is not OperationCanceledException)
#pragma warning restore CA1031
        {
            drops.Count(Stage.Control, DropReason.Fault);
            how = $"{bug.GetType().Name}: {bug.Message}";
        }
        finally
        {
            lock (_gate)
                _child = null;
        }

        Enqueue(null, now => HandleGone(how, now), MaxWaiting * 2);
        return how;
    }

    private int Prepare()
    {
        lock (_gate)
        {
            (_trips, _handledTrips, _knownTrips) = (0, 0, 0);
            (_unanswered, _isHeard) = (0, false);
            return ++_session;
        }
    }

    private void Attach(GuardChild child)
    {
        lock (_gate)
        {
            _child = child;
            log.GuardStarted(child.Id);
            // Armed from the start: the ports begin with Start. Where nobody looks after the devices, it makes them safe instead.
            if (MayArm() && _lastBeat is { } beat && time.GetElapsedTime(beat) < GuardHost.Silence)
                child.SendBeat(Frame(0));
            foreach (var port in _ports)
                Tell(child, port);
        }
    }

    private async Task<string> WaitAsync(GuardChild child, CancellationToken stop)
    {
        var ended = child.WaitAsync();
        try
        {
            await ended.WaitAsync(stop);
        }
        finally
        {
            lock (_gate)
                _child = null;
            if (!ended.IsCompleted)
            {
                await child.StopAsync(ended);
                _isLeftSafe = child.IsEndedInOrder;
            }
        }

        return await ended;
    }

    private void Tell(GuardChild child, LinkPort port)
    {
        var frame = new GuardMessage(GuardMessageKind.Open) { Port = port.Id, Plan = port.Plan }.ToFrame();
        if (frame is null || !child.TrySend(frame))
            Enqueue(port, now => HandleFault(port, new($"{port.Plan.Name}: what is to be written at the start and to be safe is too long", "Give it fewer lines."), now), MaxWaiting * 2);
    }

    /// <summary>On the thread that reads from the guard.</summary>
    private void Receive(int session, GuardMessage message)
    {
        LinkPort? port;
        lock (_gate)
        {
            (_unanswered, _isHeard) = (0, true);
            if (message.Kind == GuardMessageKind.Tripped)
                _trips = message.Trips; // what is written from now on would be refused
            port = message.Port > 0 && message.Port <= _ports.Count ? _ports[message.Port - 1] : null;
        }

        if (message.Kind != GuardMessageKind.Alive)
            Enqueue(port, now => Handle(session, message, port, now), message.Kind == GuardMessageKind.Received ? MaxWaiting : MaxWaiting * 2);
    }

    /// <summary>Bound: 4096 of what came by itself, twice that in all; policy: the newest is dropped.</summary>
    private void Enqueue(LinkPort? port, Action<Instant> action, int bound)
    {
        if (_events.Count >= bound)
        {
            drops.Count(Stage.Control, DropReason.QueueFull);
            return;
        }

        _events.Enqueue((port, action));
        if (Interlocked.Exchange(ref _isDrainDue, 1) == 0)
            post(Drain);
    }

    private void Drain(Instant now)
    {
        Volatile.Write(ref _isDrainDue, 0);
        for (var count = _events.Count; count > 0 && _events.TryDequeue(out var next); count--)
            Do(next.Port, next.Action, now);
    }

    /// <summary>A bug of a port's user costs that port a fault, and neither the events of others nor the beat.</summary>
    private void Do(LinkPort? port, Action<Instant> action, Instant now)
    {
        try
        {
            action(now);
        }
#pragma warning disable CA1031 // see above
        catch (Exception bug)
#pragma warning restore CA1031
        {
            drops.Count(Stage.Control, DropReason.Fault);
            if (port is not null && _failed.ContainsKey(port))
            {
                _failed[port] = time.GetTimestamp(); // it has its fault, and rests on
                return;
            }

            log.DeviceFaulted(bug);
            if (port is not { State: PortState.Open })
                return;
            _failed[port] = time.GetTimestamp();
            WriteBlocks(port, port.Plan.Safe);
            Do(null, at => HandleFault(port, new($"{port.Plan.Name}: {bug.GetType().Name}: {bug.Message}", "This is a fault of edgecam; please report it."), at), now);
        }
    }

    /// <summary>A port whose user failed is begun anew a second later, where it is still the same one.</summary>
    private void Revive(Instant now)
    {
        if (_failed.Count == 0)
            return;
        foreach (var (port, since) in _failed.ToArray())
        {
            if (time.GetElapsedTime(since) >= s_portRest && WriteBlocks(port, port.Plan.Start) && _failed.Remove(port))
                Do(port, port.HandleOpened, now);
        }
    }

    private bool WriteBlocks(LinkPort port, IReadOnlyList<byte[]> blocks) =>
        blocks.All(block => TrySend(new(GuardMessageKind.Write) { Port = port.Id, Data = block }));

    private void Handle(int session, GuardMessage message, LinkPort? port, Instant now)
    {
        switch (message.Kind)
        {
            case GuardMessageKind.Tripped:
                HandleTripped(session, message, now);
                break;
            case GuardMessageKind.Armed:
                log.Armed();
                break;
            case GuardMessageKind.Opened when port is not null:
                _failed.Remove(port);
                log.PortOpened(port.Plan.Name, port.Plan.Uri);
                port.HandleOpened(now);
                break;
            case GuardMessageKind.Fault when port is not null:
                _failed.Remove(port);
                HandleFault(port, message.Fault!, now);
                break;
            case GuardMessageKind.Reply:
                port?.HandleReply(message.Tag, message.Fault, message.Data, now);
                break;
            case GuardMessageKind.Received:
                port?.HandleReceived(message.Data, now);
                break;
        }
    }

    private void HandleTripped(int session, GuardMessage message, Instant now)
    {
        log.Tripped(message.Reason);
        try
        {
            tripped(message.Reason, now);
        }
        finally
        {
            lock (_gate)
                _handledTrips = session == _session ? message.Trips : _handledTrips; // the next beat says so
        }
    }

    private void HandleFault(LinkPort port, DeviceFault fault, Instant now)
    {
        if (port.HandleFault(fault, now))
            log.PortFaulted(port.Plan.Name, port.Plan.Uri, fault.What, fault.Remedy);
    }

    private void HandleGone(string how, Instant now)
    {
        _failed.Clear();
        foreach (var port in Ports())
            Do(null, at => port.HandleGuardGone(new($"The guard that holds {port.Plan.Uri} has ended: {how}", "It is started again by itself; the log says more."), at), now);
    }

    private LinkPort[] Ports()
    {
        lock (_gate)
            return [.. _ports];
    }

    /// <summary>Under the gate.</summary>
    private bool MayArm() => time.GetTimestamp() >= _armAt;

    /// <summary>The next child comes at once, to make the ports safe and hold them; it may only be armed later.</summary>
    /// <returns>How long to wait for it: longer where the last one did not even get so far.</returns>
    private TimeSpan EndChild(long began, TimeSpan backOff)
    {
        lock (_gate)
        {
            _armAt = time.GetTimestamp() + (long)(backOff.TotalSeconds * time.TimestampFrequency);
            return _isHeard || time.GetElapsedTime(began) >= s_alive ? s_atOnce : backOff;
        }
    }

    /// <summary>There is no guard left to do it.</summary>
    private async Task MakeSafeAsync()
    {
        PortPlan[] plans = [.. Ports().Select(port => port.Plan).Where(plan => plan.Safe.Count > 0)];
        if (plans.Length > 0)
            log.SafeWithoutGuard(string.Join("; ", await Task.Run(() => SafeCommand.MakeSafe(plans, s_lastPatience))));
    }
}
