namespace EdgeCam.WebRtc.Ice;

/// <summary>What a response did to the check that it answers.</summary>
internal enum CheckResult
{
    /// <summary>It answers none of our checks.</summary>
    Unexpected,

    /// <summary>It lacks the right credentials, so it is as if it had not come.</summary>
    Unauthenticated,

    /// <summary>The check goes out again, by another role.</summary>
    Repeated,

    Failed,
    Succeeded,
}
