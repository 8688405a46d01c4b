namespace EdgeCam.WebRtc.Rtp;

/// <summary>The local identifiers (RFC 8285 §4.2: 1 to 14) that the answer gave to the header extensions; 0 where one was not negotiated.</summary>
public readonly record struct RtpExtensionIds(
    byte Mid = 0,
    byte AbsSendTime = 0,
    byte TransportSequenceNumber = 0,
    byte PlayoutDelay = 0,
    byte AbsCaptureTime = 0);
