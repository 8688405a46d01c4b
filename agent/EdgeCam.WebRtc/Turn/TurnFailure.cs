namespace EdgeCam.WebRtc.Turn;

/// <summary>Why there is no allocation, or no longer one.</summary>
public enum TurnFailure
{
    /// <summary>Nothing came back in time, or not any more.</summary>
    NoAnswer,

    /// <summary>User name or password are not those that the server knows (401, 441).</summary>
    Unauthorized,

    /// <summary>The server does not allow it (403).</summary>
    Forbidden,

    /// <summary>The server has another allocation for this very address, or lost ours (437).</summary>
    AllocationMismatch,

    /// <summary>The user has as many allocations as it may (486).</summary>
    QuotaReached,

    /// <summary>The server has no room left (508).</summary>
    InsufficientCapacity,

    /// <summary>The server does not relay UDP (442).</summary>
    UnsupportedTransport,

    /// <summary>The server names another one (300).</summary>
    Redirected,

    /// <summary>Another error, or an answer that makes no sense.</summary>
    Refused,

    /// <summary>It was not refreshed in time.</summary>
    Expired,
}
