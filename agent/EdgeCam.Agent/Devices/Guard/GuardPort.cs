using System.Diagnostics;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>A port that the guard holds, with a thread of its own: one that blocks holds up no other.</summary>
/// <remarks>Bound of writes that wait: 256; policy: the newest is refused, which is a fault of the port.</remarks>
#pragma warning disable CA1001 // its thread disposes of what it owns
internal sealed class GuardPort
#pragma warning restore CA1001
{
    private const int MaxQueued = 256;
    private const int SafeAttempts = 3;

    private static readonly TimeSpan s_atOnce = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_safeRetry = TimeSpan.FromMilliseconds(300); // of what may be moving
    private static readonly TimeSpan s_firstRetry = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_longestRetry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_healthy = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Queue<PortWrite> _queue = [];
    private readonly Signal _wake = new();
    private readonly PortContext _context;
    private readonly Func<string, PortContext, IPort> _open;
    private readonly IGuardEvents _events;
    private readonly IReadOnlyList<byte[]> _safe;

    private bool _isArmed;
    private bool _isTripping;
    private int _trips;
    private bool _isClosing;
    private bool _isOverrun; // a write found no place
    private TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously); // the last trip's Safe blocks are written, or could not be

    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private IPort? _port; // these belong to the thread
    private bool _isStarted; // Start is written; else it was opened only to be made safe
    private bool _isCut;
    private long _openedAt;
    private int _failures;
    private long _retryAt;

    public GuardPort(ushort id, PortPlan plan, bool isArmed, Func<string, PortContext, IPort> open, IGuardEvents events)
    {
        (Id, Plan, _open, _events, _isArmed) = (id, plan, open, events, isArmed);
        _isTripping = !isArmed;
        _safe = SafeBlocks.SelfContained(plan);
        _context = new(data => events.OnReceived(this, data), new());
        new Thread(Run) { IsBackground = true, Name = plan.Name }.Start();
    }

    public ushort Id { get; }

    public PortPlan Plan { get; }

    /// <summary>Why it could not be made safe the last time; null where it is.</summary>
    public DeviceFault? Unsafe { get; private set; }

    /// <summary>It has failed so often that not each time is worth a line.</summary>
    private bool IsOften => _failures > 2 && (_failures & (_failures - 1)) != 0;

    public void Write(PortWrite write)
    {
        DeviceFault fault;
        lock (_gate)
        {
            if (_isArmed && !_isClosing && _queue.Count < MaxQueued)
            {
                _queue.Enqueue(write);
                _wake.Set();
                return;
            }

            if (_isArmed && !_isClosing)
            {
                _isOverrun = true; // what finds no place may be a stop: the port begins anew
                _wake.Set();
            }

            fault = _isArmed
                ? TooMuch()
                : new($"{Plan.Name}: everything was made safe just now", "Try again.");
        }

        Refuse(write, fault);
    }

    /// <summary>Writes the Safe blocks, before anything that waits; what waits is refused.</summary>
    public void Trip()
    {
        PortWrite[] refused;
        lock (_gate)
        {
            (_isArmed, _isTripping, _isOverrun) = (false, true, false);
            _trips++;
            refused = [.. _queue];
            _queue.Clear();
            if (_settled.Task.IsCompleted)
                _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _context.Interrupt.Set();
            _wake.Set();
        }

        foreach (var write in refused)
            Refuse(write, new($"{Plan.Name}: everything was made safe just now", "Try again."));
    }

    public void Arm()
    {
        lock (_gate)
        {
            _isArmed = true;
            _wake.Set();
        }
    }

    /// <summary>
    /// Lets them go as they are, at the end of a process, and waits for that: where somebody else has a serial line open, what keeps others out
    /// would outlast a process that ended before (tty_ioctl(4), TIOCEXCL).
    /// </summary>
    public static void CloseAll(IReadOnlyCollection<GuardPort> ports)
    {
        foreach (var port in ports)
        {
            lock (port._gate)
            {
                port._isClosing = true;
                port._wake.Set();
            }
        }

        Task.WaitAll([.. ports.Select(static port => port._closed.Task)], s_closing);
    }

    /// <summary>Waits until the last trip's Safe blocks are written, or failed.</summary>
    public bool WaitSettled(TimeSpan patience)
    {
        Task settled;
        lock (_gate)
            settled = _settled.Task;
        return settled.Wait(patience);
    }

    private void Run()
    {
        while (true)
        {
            try
            {
                if (!Step())
                    break;
            }
            catch (PortInterruptedException)
            {
                _isCut = true;
            }
            catch (PortException failure)
            {
                Fail(failure.Fault);
            }
#pragma warning disable CA1031 // our own bug, or a library's, costs this port a fault; the thread and the others go on
            catch (Exception bug)
#pragma warning restore CA1031
            {
                Fail(Bug(bug));
            }
        }

        LetGo();
        _wake.Dispose();
        _context.Interrupt.Dispose();
        _closed.TrySetResult();
    }

    /// <returns>False at its end.</returns>
    private bool Step()
    {
        bool isTripping, isArmed, isClosing, isOverrun;
        int trips;
        PortWrite? write;
        lock (_gate)
        {
            (isTripping, isArmed, isClosing, isOverrun, trips) = (_isTripping, _isArmed, _isClosing, _isOverrun, _trips);
            (_isTripping, _isOverrun) = (false, false);
            _wake.Clear();
            if (isTripping)
                _context.Interrupt.Clear();
            write = !isTripping && !isOverrun && _queue.TryDequeue(out var next) ? next : null;
        }

        if (isTripping)
            MakeSafe(trips);
        else if (isClosing)
            return false;
        else if (isOverrun)
            Fail(TooMuch());
        else if (write is not null)
            Do(write);
        else if (!TryStart(isArmed, trips))
            Wait(isArmed);
        return true;
    }

    /// <summary>Opens it, or makes it safe, where that is due.</summary>
    private bool TryStart(bool isArmed, int trips)
    {
        if (_port is not null && (isArmed ? _isStarted : Unsafe is null))
            return false;
        if ((_port is null || !isArmed) && Stopwatch.GetTimestamp() < _retryAt)
            return false;
        if (!isArmed)
        {
            MakeSafe(trips); // it could not be when it should have been
            return true;
        }

        var port = Open();
        foreach (var block in Plan.Start)
        {
            try
            {
                port.Write(block, 0);
            }
            catch (PortException failure) when (failure.IsRefusal)
            {
                _events.Log($"{Plan.Name}: {failure.Fault.What}"); // one line of a chip: its user finds out which, the others go on
            }
        }

        _isStarted = true;
        _events.OnOpened(this);
        return true;
    }

    private void Do(PortWrite write)
    {
        if (_port is null || !_isStarted)
        {
            Refuse(write, new($"{Plan.Name} is not open", "Wait until it is."));
            return;
        }

        try
        {
            var data = _port.Write(write.Data, write.Read);
            if (write.Tag != 0)
                _events.OnReply(this, write.Tag, null, data);
        }
        catch (PortException failure)
        {
            Refuse(write, failure.Fault);
            if (!failure.IsRefusal)
                throw;
            if (write.Tag == 0)
                _events.Log($"{Plan.Name}: {failure.Fault.What}"); // nobody else asks for it
        }
        catch (PortInterruptedException)
        {
            Refuse(write, new($"{Plan.Name}: everything was made safe just now", "Try again."));
            throw;
        }
    }

    /// <summary>Writes each Safe block, whatever becomes of the others; opens the port anew where it does not answer.</summary>
    private void MakeSafe(int trips)
    {
        DeviceFault? fault = null;
        for (var attempt = 0; attempt < SafeAttempts; attempt++)
        {
            try
            {
                fault = WriteSafe(Open());
                if (fault is null)
                    break;
            }
            catch (Exception failure) when (failure is not PortInterruptedException)
            {
                fault = failure is PortException expected ? expected.Fault : Bug(failure);
                LetGo();
            }
        }

        Unsafe = fault;
        lock (_gate)
        {
            if (trips == _trips)
                _settled.TrySetResult();
        }

        if (fault is null)
            return;
        if (!IsOften)
            _events.Log($"{Plan.Name} ({Plan.Uri}) could not be made safe: {fault.What}");
        if (_port is null)
            Fail(fault);
        else
            Retry(); // one line of a chip
    }

    private IPort Open()
    {
        if (_port is not null)
            return _port;
        _port = _open(Plan.Uri, _context);
        _openedAt = Stopwatch.GetTimestamp();
        return _port;
    }

    private DeviceFault? WriteSafe(IPort port)
    {
        DeviceFault? refusal = null;
        _isCut |= port.Hurry();
        for (var round = _isCut ? 0 : 1; round < 2; round++) // half a frame would swallow the next one: then a second one follows it
        {
            foreach (var block in _safe)
            {
                try
                {
                    port.Write(block, 0);
                }
                catch (PortException failure) when (failure.IsRefusal)
                {
                    refusal = failure.Fault;
                }
            }
        }

        _isCut = false;
        return refusal;
    }

    /// <summary>Waits for what comes, for a call, or for the next attempt to open it.</summary>
    private void Wait(bool isArmed)
    {
        var milliseconds = _port is not null && (isArmed || Unsafe is null) ? -1 : (int)Math.Clamp(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _retryAt).TotalMilliseconds + 1, 1, 60_000);
        if (LibC.Poll(_port?.Descriptor, _wake.Descriptor, milliseconds).First)
            _port!.Receive();
    }

    private void Fail(DeviceFault fault)
    {
        if (_port is not null && Stopwatch.GetElapsedTime(_openedAt) > s_healthy)
            _failures = 0;
        LetGo();
        Retry();
        _events.OnFault(this, fault);
    }

    /// <summary>At once the first time; then soon where something may be moving, which is not to go on until a back-off has passed.</summary>
    private void Retry()
    {
        var delay = _failures == 0
            ? s_atOnce
            : Plan.Safe.Count + Plan.Start.Count > 0
                ? s_safeRetry
                : TimeSpan.FromSeconds(Math.Min(s_firstRetry.TotalSeconds * Math.Pow(2, _failures - 1), s_longestRetry.TotalSeconds));
        _failures = Math.Min(_failures + 1, 1 << 20);
        _retryAt = Stopwatch.GetTimestamp() + (long)(delay.TotalSeconds * Stopwatch.Frequency);
    }

    private void LetGo()
    {
        var port = _port;
        (_port, _isStarted) = (null, false);
        try
        {
            port?.Dispose();
        }
#pragma warning disable CA1031 // it is let go of in any case
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _events.Log($"{Plan.Name} ({Plan.Uri}) could not be closed: {failure.Message}");
        }
    }

    private DeviceFault TooMuch() => new($"{Plan.Name}: more is written than the line can take", "Ask less of it.");

    private DeviceFault Bug(Exception bug) =>
        new($"{Plan.Name} ({Plan.Uri}): {bug.GetType().Name}: {bug.Message}", "This is a fault of edgecam or of a library; please report it.");

    private void Refuse(PortWrite write, DeviceFault fault)
    {
        if (write.Tag != 0)
            _events.OnReply(this, write.Tag, fault, []);
    }
}
