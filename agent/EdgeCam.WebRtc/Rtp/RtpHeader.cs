using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>The values of one packet's header and header extensions (RFC 3550 §5.1).</summary>
/// <param name="SendTime">abs-send-time.</param>
/// <param name="CaptureTime">abs-capture-time.</param>
internal readonly record struct RtpHeader(
    byte PayloadType,
    bool Marker,
    SequenceNumber SequenceNumber,
    RtpTimestamp Timestamp,
    Ssrc Ssrc,
    ushort TransportSequenceNumber = 0,
    NtpTime SendTime = default,
    NtpTime CaptureTime = default);
