using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Ports;

/// <summary>Whoever uses a port. Called in the device loop.</summary>
internal interface IPortUser
{
    /// <summary>It is open, for the first time or again; what <see cref="PortPlan.Start"/> says has been written.</summary>
    void OnOpened(Instant now);

    /// <summary>What came by itself: bytes of a serial line in whatever pieces, or one event of a GPIO chip.</summary>
    void OnReceived(ReadOnlySpan<byte> data, Instant now);

    /// <summary>A write that had a tag is done, or failed.</summary>
    /// <param name="data">What was read.</param>
    void OnReply(int tag, DeviceFault? fault, ReadOnlySpan<byte> data, Instant now);

    /// <summary>The port is out of order until <see cref="OnOpened"/>.</summary>
    void OnFault(DeviceFault fault, Instant now);
}
