using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Gpio;

/// <summary>A GPIO chip behind its port: it does what it is told when it comes to it, and keeps its levels while nobody holds its lines, as a Raspberry Pi does.</summary>
internal sealed class FakeChip(PortPlan plan, IPortUser user) : IDevicePort
{
    private readonly Queue<(byte[] Data, int Tag)> _queue = new();
    private readonly HashSet<ushort> _held = [];

    public PortPlan Plan => plan;

    public PortState State { get; private set; }

    public DeviceFault? Fault { get; private set; }

    /// <summary>Logical levels by offset.</summary>
    public Dictionary<ushort, bool> Levels { get; } = [];

    public Dictionary<ushort, GpioLineRequest> Requests { get; } = [];

    /// <summary>Each level that an output was given, in order.</summary>
    public List<(ushort Offset, bool Value, Instant At)> Driven { get; } = [];

    /// <summary>Lines that fail, and how.</summary>
    public Dictionary<ushort, DeviceFault> Faults { get; } = [];

    /// <summary>Takes what it is told, and neither does nor answers anything.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Is open, and takes nothing: so is the guard's link until the guard has heard that everybody knows of its stepping in.</summary>
    public bool IsDeaf { get; set; }

    /// <summary>Called for each command that was handed over.</summary>
    public Action? Handed { get; set; }

    public bool TryWrite(ReadOnlySpan<byte> data, int read = 0, int tag = 0)
    {
        if (State != PortState.Open || IsDeaf)
            return false;
        _queue.Enqueue((data.ToArray(), tag));
        Handed?.Invoke();
        return true;
    }

    /// <summary>It does what it was told, or the first of it, and answers.</summary>
    public void Deliver(Instant now, int most = int.MaxValue)
    {
        for (var i = 0; i < most && !IsSilent && _queue.TryDequeue(out var command); i++)
        {
            var fault = Do(command.Data, now, out var answer);
            if (command.Tag != 0)
                user.OnReply(command.Tag, fault, answer, now);
        }
    }

    public void Open(Instant now)
    {
        _held.Clear();
        foreach (var command in plan.Start)
            Do(command, now, out _);
        (State, Fault) = (PortState.Open, null);
        user.OnOpened(now);
    }

    public void Break(DeviceFault fault, Instant now)
    {
        _queue.Clear();
        (State, Fault) = (PortState.Fault, fault);
        user.OnFault(fault, now);
    }

    /// <summary>What the guard does by itself.</summary>
    public void WriteSafe(Instant now)
    {
        foreach (var command in plan.Safe)
            Assert.Null(Do(command, now, out _));
    }

    /// <summary>An input's level changes.</summary>
    public void Input(ushort offset, bool value, Instant at, Instant now, bool isTold = true)
    {
        Levels[offset] = value;
        if (isTold)
            user.OnReceived(GpioCommand.Edge(offset, value, at.Ticks * 100), now);
    }

    public void Receive(byte[] data, Instant now) => user.OnReceived(data, now);

    private DeviceFault? Do(byte[] data, Instant now, out byte[] answer)
    {
        answer = [];
        if (GpioCommand.TryParseRequest(data, out var line))
        {
            if (Faults.TryGetValue(line.Offset, out var busy))
                return busy;
            _held.Add(line.Offset);
            Requests[line.Offset] = line;
            if (line.Direction == GpioDirection.Output)
                Drive(line.Offset, line.Value, now);
            return null;
        }

        if (GpioCommand.TryParseSet(data, out var offset, out var value))
        {
            if (Find(offset) is { } fault)
                return fault;
            Drive(offset, value, now);
            return null;
        }

        Assert.True(GpioCommand.TryParseGet(data, out offset));
        answer = [Levels.GetValueOrDefault(offset) ? (byte)1 : (byte)0];
        return Find(offset);
    }

    private DeviceFault? Find(ushort offset) =>
        Faults.GetValueOrDefault(offset) ?? (_held.Contains(offset) ? null : new DeviceFault($"line {offset} is not requested", "Request it"));

    private void Drive(ushort offset, bool value, Instant now)
    {
        Levels[offset] = value;
        Driven.Add((offset, value, now));
    }
}
