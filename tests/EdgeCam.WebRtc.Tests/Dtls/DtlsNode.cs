using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Dtls;

/// <summary>A transport at a fixed address of the virtual network.</summary>
internal sealed class DtlsNode(DtlsTransport transport, NetworkPath path) : IVirtualNode
{
    public DtlsTransport Transport => transport;

    public List<DtlsEvent> Events { get; } = [];

    public int LongestDatagram { get; private set; }

    public Instant NextTimeout => transport.NextTimeout;

    public KeyingMaterial? KeyingMaterial => Events.OfType<DtlsEvent.Connected>().SingleOrDefault()?.KeyingMaterial;

    public string? Failure => Events.OfType<DtlsEvent.Failed>().SingleOrDefault()?.Reason;

    public bool IsClosed => Events.OfType<DtlsEvent.Closed>().Any();

    public void HandleDatagram(Span<byte> datagram, NetworkPath from, Instant now)
    {
        transport.HandleDatagram(datagram, now);
        Drain();
    }

    public void HandleTimeout(Instant now)
    {
        transport.HandleTimeout(now);
        Drain();
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        Drain();
        var any = transport.TryTransmit(buffer, now, out var length);
        LongestDatagram = Math.Max(LongestDatagram, length);
        transmit = new(path, length, length);
        return any;
    }

    public byte[]? Receive()
    {
        var buffer = new byte[2048];
        return transport.TryReceive(buffer, out var length) ? buffer[..length] : null;
    }

    private void Drain()
    {
        while (transport.TryGetEvent(out var next))
            Events.Add(next!);
    }
}
