namespace EdgeCam.WebRtc.Rtp;

/// <summary>RTCP packet types (RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611 §2).</summary>
internal enum RtcpPacketType : byte
{
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    Goodbye = 203,
    Application = 204,
    TransportLayerFeedback = 205,
    PayloadSpecificFeedback = 206,
    ExtendedReport = 207,
}
