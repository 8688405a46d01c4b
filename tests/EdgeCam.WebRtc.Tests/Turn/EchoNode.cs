using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Turn;

/// <summary>A peer behind the relay: sends back what it gets.</summary>
internal sealed class EchoNode : IVirtualNode
{
    private readonly Queue<(byte[] Data, NetworkPath Path)> _out = new();

    public EchoNode(VirtualNetwork network, params ReadOnlySpan<TransportAddress> addresses) => network.Attach(this, addresses);

    public int Received { get; private set; }

    public Instant NextTimeout => Instant.Never;

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        Received++;
        _out.Enqueue((datagram.ToArray(), path));
    }

    public void HandleTimeout(Instant now)
    {
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        if (!_out.TryDequeue(out var next))
            return false;
        next.Data.CopyTo(buffer);
        transmit = new(next.Path, next.Data.Length, next.Data.Length);
        return true;
    }
}
