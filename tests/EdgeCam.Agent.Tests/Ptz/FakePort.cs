using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>A port that remembers what was written, and when; a test plays what hangs on it.</summary>
internal sealed class FakePort(PortPlan plan, IPortUser user, Func<Instant> clock) : IDevicePort
{
    public PortPlan Plan { get; } = plan;

    public PortState State { get; private set; } = PortState.Opening;

    public DeviceFault? Fault { get; private set; }

    public List<(Instant At, byte[] Data)> Written { get; } = [];

    public IEnumerable<string> Hex => Written.Select(write => Convert.ToHexString(write.Data));

    /// <summary>Answers a write: bytes that come back at once, or null.</summary>
    public Func<byte[], byte[]?>? Answer { get; set; }

    /// <summary>Answers a transaction that wants a reply.</summary>
    public Func<byte[], int, (DeviceFault? Fault, byte[] Data)>? Transact { get; set; }

    public bool TryWrite(ReadOnlySpan<byte> data, int read = 0, int tag = 0)
    {
        if (State != PortState.Open)
            return false;
        var bytes = data.ToArray();
        Written.Add((clock(), bytes));
        if (tag != 0)
            _replies.Enqueue((tag, bytes, read));
        if (Answer?.Invoke(bytes) is { } answer)
            _incoming.Enqueue(answer);
        return true;
    }

    public void Open()
    {
        (State, Fault) = (PortState.Open, null);
        user.OnOpened(clock());
    }

    public void Fail(DeviceFault fault)
    {
        (State, Fault) = (PortState.Fault, fault);
        user.OnFault(fault, clock());
    }

    public void Receive(params byte[] data) => user.OnReceived(data, clock());

    /// <summary>Brings what was answered since the last time.</summary>
    public void Deliver()
    {
        for (var i = _incoming.Count; i > 0; i--)
            user.OnReceived(_incoming.Dequeue(), clock());
        for (var i = _replies.Count; i > 0; i--)
        {
            var (tag, data, read) = _replies.Dequeue();
            var (fault, reply) = Transact?.Invoke(data, read) ?? (null, new byte[read]);
            user.OnReply(tag, fault, reply, clock());
        }
    }

    private readonly Queue<byte[]> _incoming = new();
    private readonly Queue<(int Tag, byte[] Data, int Read)> _replies = new();
}
