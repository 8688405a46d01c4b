namespace EdgeCam.WebRtc.Stun;

/// <summary>RFC 8489 §14.8; 487 is of RFC 8445 §16.2. A peer may send others.</summary>
internal enum StunErrorCode
{
    BadRequest = 400,
    Unauthenticated = 401,
    UnknownAttribute = 420,
    RoleConflict = 487,
}
