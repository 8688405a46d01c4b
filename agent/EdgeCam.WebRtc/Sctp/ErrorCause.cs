namespace EdgeCam.WebRtc.Sctp;

/// <summary>Cause codes of ERROR and ABORT (RFC 9260 §3.3.10).</summary>
internal enum ErrorCause : ushort
{
    None = 0,
    StaleCookie = 3,
    OutOfResource = 4,
    UnrecognizedChunkType = 6,
    UserInitiatedAbort = 12,
    ProtocolViolation = 13,
}
