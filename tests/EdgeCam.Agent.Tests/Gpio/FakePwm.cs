using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Gpio;

/// <summary>A PWM channel behind its port.</summary>
internal sealed class FakePwm(PortPlan plan, IPortUser user) : IDevicePort
{
    private readonly Queue<(byte[] Data, int Tag)> _queue = new();

    public PortPlan Plan => plan;

    public PortState State { get; private set; }

    public DeviceFault? Fault { get; private set; }

    public PwmCommand Output { get; private set; }

    public DeviceFault? Failure { get; set; }

    public bool IsDeaf { get; set; }

    public Action? Handed { get; set; }

    public bool TryWrite(ReadOnlySpan<byte> data, int read = 0, int tag = 0)
    {
        if (State != PortState.Open || IsDeaf)
            return false;
        _queue.Enqueue((data.ToArray(), tag));
        Handed?.Invoke();
        return true;
    }

    public void Deliver(Instant now)
    {
        while (_queue.TryDequeue(out var command))
        {
            if (Failure is null)
                Do(command.Data);
            if (command.Tag != 0)
                user.OnReply(command.Tag, Failure, [], now);
        }
    }

    public void Open(Instant now)
    {
        foreach (var command in plan.Start)
            Do(command);
        (State, Fault) = (PortState.Open, null);
        user.OnOpened(now);
    }

    public void Break(DeviceFault fault, Instant now)
    {
        _queue.Clear();
        (State, Fault) = (PortState.Fault, fault);
        user.OnFault(fault, now);
    }

    private void Do(byte[] data)
    {
        Assert.True(PwmCommand.TryParse(data, out var command));
        Output = command;
    }
}
