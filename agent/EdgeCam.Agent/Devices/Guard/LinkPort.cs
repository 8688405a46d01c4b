using EdgeCam.Agent.Devices.Ports;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>A port of the guard, as its user in the device loop sees it. Only that loop touches it.</summary>
internal sealed class LinkPort(GuardLink link, ushort id, PortPlan plan, IPortUser user) : IDevicePort
{
    private readonly List<int> _tags = []; // of writes without a reply yet

    public ushort Id => id;

    public PortPlan Plan => plan;

    public PortState State { get; private set; } = PortState.Opening;

    public DeviceFault? Fault { get; private set; }

    public bool TryWrite(ReadOnlySpan<byte> data, int read = 0, int tag = 0)
    {
        if (State != PortState.Open || !link.TrySend(new(GuardMessageKind.Write) { Port = id, Tag = tag, Read = (ushort)read, Data = data.ToArray() }))
            return false;
        if (tag != 0)
            _tags.Add(tag);
        return true;
    }

    public void HandleOpened(Instant now)
    {
        (State, Fault) = (PortState.Open, null);
        user.OnOpened(now);
    }

    /// <returns>True where this is news.</returns>
    public bool HandleFault(DeviceFault fault, Instant now)
    {
        var isNews = fault != Fault;
        (State, Fault) = (PortState.Fault, fault);
        if (isNews)
            user.OnFault(fault, now);
        return isNews;
    }

    public void HandleReply(int tag, DeviceFault? fault, byte[] data, Instant now)
    {
        _tags.Remove(tag); // replies come in any order
        user.OnReply(tag, fault, data, now);
    }

    public void HandleReceived(byte[] data, Instant now) => user.OnReceived(data, now);

    /// <summary>The guard is gone, and with it whatever it had not answered.</summary>
    public void HandleGuardGone(DeviceFault fault, Instant now)
    {
        int[] tags = [.. _tags];
        _tags.Clear();
        try
        {
            foreach (var tag in tags)
                user.OnReply(tag, fault, [], now);
        }
        finally
        {
            HandleFault(fault, now);
        }
    }
}
