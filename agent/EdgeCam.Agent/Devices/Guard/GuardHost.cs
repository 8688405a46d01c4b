using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Devices.Ports.Interop;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>
/// The guard's one loop: takes what the agent sends, and makes everything safe when its beats fail to come, when it ends, on a signal or
/// on demand.
/// </summary>
/// <remarks>Nothing here waits for a port or for anybody who reads what the guard says: those have threads of their own.</remarks>
internal sealed class GuardHost : IGuardEvents, IDisposable
{
    /// <summary>Without a beat for so long, everything is made safe.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    private const int MaxPorts = 64;

    private static readonly TimeSpan s_aliveInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_lastPatience = TimeSpan.FromSeconds(3); // for ports that do not answer, at the end

    private static readonly DeviceFault s_tooMany = new($"The guard holds {MaxPorts} ports and no more", "Configure fewer.");

    private readonly SafeHandle _input;
    private readonly GuardOutput _output;
    private readonly GuardOutput _errors;
    private readonly Func<string, PortContext, IPort> _open;
    private readonly Signal _wake = new();
    private readonly ConcurrentQueue<Action> _calls = [];
    private readonly Dictionary<ushort, GuardPort> _ports = [];
    private readonly GuardFrames _frames = new();

    private bool _isArmed;
    private uint _trips;
    private long _lastBeat;
    private long _lastAlive;
    private long _endAt = long.MaxValue; // told to end by a signal, though the agent is there

    public GuardHost(SafeHandle input, GuardOutput output, GuardOutput errors, Func<string, PortContext, IPort> open) =>
        (_input, _output, _errors, _open) = (input, output, errors, open);

    /// <summary>Runs until the agent has gone and everything is safe.</summary>
    public void Run()
    {
        try
        {
            Serve();
        }
        finally
        {
            Settle(); // whatever ended it
        }
    }

    /// <summary>Does something in the loop; for other threads.</summary>
    public void Post(Action call)
    {
        _calls.Enqueue(call);
        _wake.Set();
    }

    /// <summary>Makes everything safe. In the loop only.</summary>
    public void Trip(string reason)
    {
        (_isArmed, _trips) = (false, _trips + 1);
        foreach (var port in _ports.Values)
            port.Trip();
        _output.Send(new(GuardMessageKind.Tripped) { Trips = _trips, Reason = reason });
    }

    /// <summary>Makes everything safe and ends, though the agent may be there; a little later, so that an agent that stops too ends first.</summary>
    public void End(string reason)
    {
        _endAt = Math.Min(_endAt, Stopwatch.GetTimestamp() + (2 * Stopwatch.Frequency));
        Trip(reason);
    }

    /// <summary>Makes everything safe and gives the ports, to be asked how it went. In the loop only.</summary>
    public IReadOnlyList<GuardPort> TripAndList(string reason)
    {
        Trip(reason);
        return [.. _ports.Values];
    }

    public void OnOpened(GuardPort port) => _output.Send(new(GuardMessageKind.Opened) { Port = port.Id });

    public void OnFault(GuardPort port, DeviceFault fault) => _output.Send(new(GuardMessageKind.Fault) { Port = port.Id, Fault = fault });

    public void OnReply(GuardPort port, int tag, DeviceFault? fault, byte[] data) =>
        _output.Send(new(GuardMessageKind.Reply) { Port = port.Id, Tag = tag, Fault = fault, Data = data });

    public void OnReceived(GuardPort port, byte[] data) => _output.Send(new(GuardMessageKind.Received) { Port = port.Id, Data = data });

    public void Log(string line) => _errors.Log(line);

    public void Dispose() => _wake.Dispose();

    private static TimeSpan Min(TimeSpan left, TimeSpan right) => left < right ? left : right;

    private void Serve()
    {
        while (Stopwatch.GetTimestamp() < _endAt)
        {
            var (hasInput, isWoken) = LibC.Poll(_input, _wake.Descriptor, Patience());
            if (isWoken)
                _wake.Clear();
            while (_calls.TryDequeue(out var call))
                call();
            if (hasInput && !TryRead())
                break;
            if (_isArmed && Stopwatch.GetElapsedTime(_lastBeat) >= Silence)
                Trip($"the agent has been silent for {Silence.TotalMilliseconds:0} ms");
        }
    }

    private void Settle()
    {
        _endAt = 0;
        Trip("the agent has gone");
        var began = Stopwatch.GetTimestamp();
        foreach (var port in _ports.Values.Where(port => !port.WaitSettled(s_lastPatience - Min(Stopwatch.GetElapsedTime(began), s_lastPatience))))
            Log($"{port.Plan.Name} ({port.Plan.Uri}) does not answer and may not be safe");
        GuardPort.CloseAll(_ports.Values);
    }

    /// <summary>Milliseconds until something is due by itself.</summary>
    private int Patience()
    {
        if (_endAt != long.MaxValue)
            return 50;
        return _isArmed ? Math.Max((int)Math.Ceiling((Silence - Stopwatch.GetElapsedTime(_lastBeat)).TotalMilliseconds), 0) : -1;
    }

    /// <returns>False where the agent has gone, or cannot be understood.</returns>
    private bool TryRead()
    {
        var count = LibC.Read(_input, _frames.Free());
        if (count <= 0)
            return count < 0 && LibC.LastError == LibC.Again;
        _frames.Advance(count);
        while (_frames.TryRead(out var message))
            Handle(message);
        if (_frames.IsBroken)
            Log("what the agent sends cannot be understood");
        return !_frames.IsBroken;
    }

    private void Handle(GuardMessage message)
    {
        switch (message.Kind)
        {
            case GuardMessageKind.Beat:
                HandleBeat(message.Trips);
                break;
            case GuardMessageKind.Open:
                if (_ports.Count < MaxPorts && !_ports.ContainsKey(message.Port))
                    _ports.Add(message.Port, new(message.Port, message.Plan!, _isArmed, _open, this));
                else
                    _output.Send(new(GuardMessageKind.Fault) { Port = message.Port, Fault = s_tooMany });
                break;
            case GuardMessageKind.Write when _ports.TryGetValue(message.Port, out var port):
                port.Write(new(message.Tag, message.Read, message.Data));
                break;
        }
    }

    /// <summary>A beat from before the agent knew of the last trip arms nothing: nor would what it wrote then be meant for now.</summary>
    private void HandleBeat(uint knownTrips)
    {
        if (knownTrips != _trips)
            return;
        _lastBeat = Stopwatch.GetTimestamp();
        if (Stopwatch.GetElapsedTime(_lastAlive) >= s_aliveInterval)
        {
            _lastAlive = _lastBeat;
            _output.Send(new(GuardMessageKind.Alive));
        }

        if (_isArmed || _endAt != long.MaxValue)
            return;
        _isArmed = true;
        foreach (var port in _ports.Values)
            port.Arm();
        _output.Send(new(GuardMessageKind.Armed) { Trips = _trips });
    }
}
