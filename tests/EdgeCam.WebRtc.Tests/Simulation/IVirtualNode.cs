using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Tests.Simulation;

/// <summary>Anything of the engine that takes bytes and time and gives bytes and a deadline.</summary>
internal interface IVirtualNode
{
    Instant NextTimeout { get; }

    void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now);

    void HandleTimeout(Instant now);

    bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit);
}
