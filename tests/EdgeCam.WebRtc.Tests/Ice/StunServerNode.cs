using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Ice;

/// <summary>Tells each who asks by which address.</summary>
internal sealed class StunServerNode : IVirtualNode
{
    private readonly Queue<(byte[] Response, NetworkPath Path)> _responses = new();

    public Instant NextTimeout => Instant.Never;

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        Assert.True(StunMessageView.TryParse(datagram, out var request));
        var buffer = new byte[100];
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, request.TransactionId);
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, path.Remote);
        writer.AddFingerprint();
        _responses.Enqueue((buffer[..writer.Length], path));
    }

    public void HandleTimeout(Instant now)
    {
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        if (!_responses.TryDequeue(out var next))
            return false;
        next.Response.CopyTo(buffer);
        transmit = new(next.Path, next.Response.Length, next.Response.Length);
        return true;
    }
}
