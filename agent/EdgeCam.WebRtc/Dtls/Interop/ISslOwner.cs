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
    /// <param name="isWanted">False where libssl's clock is ahead of ours: the retransmission is then swallowed.</param>
    /// <returns>Wall-clock time until libssl regards it as expired. It takes 15 ms and less for nothing, so it must be longer.</returns>
    TimeSpan StartTimer(bool isRetransmission, out bool isWanted);
}
