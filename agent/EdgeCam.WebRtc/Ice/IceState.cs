namespace EdgeCam.WebRtc.Ice;

/// <summary>How far an agent is. What RFC 8445 §6.1.2.6 calls Completed is <see cref="Connected"/> here: nothing of ours depends on the difference.</summary>
public enum IceState
{
    /// <summary>The peer's credentials are not known yet.</summary>
    New,

    /// <summary>Checking, and no pair works so far.</summary>
    Checking,

    /// <summary>There is a selected pair with consent.</summary>
    Connected,

    /// <summary>No pair worked, or consent expired. Only a restart leads out of it (RFC 7675 §5.1).</summary>
    Failed,
}
