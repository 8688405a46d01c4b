namespace EdgeCam.WebRtc.Stun;

/// <summary>RFC 8489 §18.2.</summary>
internal enum StunMethod : ushort
{
    Binding = 0x001,
}
