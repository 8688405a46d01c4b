using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc;

/// <summary>
/// One viewer's connection, answerer and sender. Bytes and time go in; bytes, events and a deadline come out. It belongs to one loop.
/// </summary>
public sealed class PeerConnection : IDisposable
{
    private PeerConnection() => throw new NotImplementedException();

    /// <summary>The local username fragment, by which the shell finds this connection for a first STUN request.</summary>
    public string UsernameFragment => throw new NotImplementedException();

    /// <summary>True once frames may be sent.</summary>
    public bool IsConnected => throw new NotImplementedException();

    /// <summary>When <see cref="HandleTimeout"/> wants to be called next.</summary>
    public Instant NextTimeout => throw new NotImplementedException();

    /// <summary>Reads an offer and makes the connection and its answer, or says why not.</summary>
    public static bool TryAccept(string offer, PeerConnectionOptions options, Instant now, out PeerConnection? peer, out string answer, out string error) =>
        throw new NotImplementedException();

    /// <summary>A trickled candidate (RFC 8838); an empty string is end-of-candidates.</summary>
    /// <returns>False where it is malformed.</returns>
    public bool AddRemoteCandidate(string candidate, Instant now) => throw new NotImplementedException();

    /// <summary>A datagram as it came, demultiplexed by its first byte (RFC 7983). It is decrypted where it lies.</summary>
    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now) => throw new NotImplementedException();

    public void HandleTimeout(Instant now) => throw new NotImplementedException();

    /// <summary>Queues an access unit for sending, retaining it until it is sent and out of the retransmission history.</summary>
    public void SendFrame(AccessUnit frame, Instant now) => throw new NotImplementedException();

    /// <returns>False where the channel is not open or its buffer is full.</returns>
    public bool SendMessage(ushort channel, ReadOnlySpan<byte> data, bool isText, Instant now) => throw new NotImplementedException();

    /// <summary>Writes datagrams for one path into the buffer (64 KiB holds a full GSO message).</summary>
    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit) => throw new NotImplementedException();

    public bool TryGetEvent(out PeerEvent? peerEvent) => throw new NotImplementedException();

    /// <summary>Says goodbye (RTCP BYE, close_notify): what is left to send comes out of <see cref="TryTransmit"/>.</summary>
    public void Close(Instant now) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
