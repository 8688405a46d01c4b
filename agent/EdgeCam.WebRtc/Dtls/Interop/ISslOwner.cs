namespace EdgeCam.WebRtc.Dtls.Interop;

/// <summary>What libssl asks of the owner of a connection, always from inside one of the owner's own calls. Must not throw.</summary>
internal interface ISslOwner
{
    /// <summary>Takes one datagram to send; it is lost where there is no room, as datagrams are.</summary>
    void Transmit(ReadOnlySpan<byte> datagram);

    /// <summary>The peer's certificate in DER: is it the one that the peer's session description names?</summary>
    bool AcceptsCertificate(ReadOnlySpan<byte> certificate);

    /// <summary>libssl starts its retransmission timer.</summary>
    /// <param name="isRetransmission">False for a flight's first transmission.</param>
    /// <returns>Microseconds of wall-clock time until libssl regards it as expired (it rounds the last 15 ms down).</returns>
    uint StartTimer(bool isRetransmission);
}
