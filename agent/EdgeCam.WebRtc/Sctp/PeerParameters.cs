namespace EdgeCam.WebRtc.Sctp;

/// <summary>What the peer's INIT or INIT ACK says.</summary>
/// <param name="ReceiverWindow">a_rwnd.</param>
/// <param name="OutboundStreams">Streams that the peer wants to send on.</param>
/// <param name="InboundStreams">Streams that the peer accepts.</param>
/// <param name="ForwardTsn">RFC 3758.</param>
/// <param name="StreamReset">RFC 6525.</param>
internal readonly record struct PeerParameters(
    Tsn InitialTsn,
    uint ReceiverWindow,
    ushort OutboundStreams,
    ushort InboundStreams,
    bool ForwardTsn,
    bool StreamReset);
