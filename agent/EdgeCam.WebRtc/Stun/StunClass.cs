namespace EdgeCam.WebRtc.Stun;

/// <summary>The two class bits where they lie in the message type (RFC 8489 §5).</summary>
internal enum StunClass : ushort
{
    Request = 0x000,
    Indication = 0x010,
    SuccessResponse = 0x100,
    ErrorResponse = 0x110,
}
