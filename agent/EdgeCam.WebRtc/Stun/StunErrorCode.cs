namespace EdgeCam.WebRtc.Stun;

/// <summary>RFC 8489 §14.8; 487 is of RFC 8445 §16.2; 403, 437, 441, 442, 486 and 508 of RFC 8656 §19. A peer may send others.</summary>
internal enum StunErrorCode
{
    TryAlternate = 300,
    BadRequest = 400,
    Unauthenticated = 401,
    Forbidden = 403,
    UnknownAttribute = 420,
    AllocationMismatch = 437,
    StaleNonce = 438,
    WrongCredentials = 441,
    UnsupportedTransport = 442,
    AllocationQuotaReached = 486,
    RoleConflict = 487,
    InsufficientCapacity = 508,
}
