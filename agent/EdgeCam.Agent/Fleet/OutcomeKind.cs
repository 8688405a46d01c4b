namespace EdgeCam.Agent.Fleet;

/// <summary>How it ended at one device.</summary>
internal enum OutcomeKind
{
    Done,

    /// <summary>It refused, or what it began went wrong.</summary>
    Failed,

    /// <summary>It is offline, or said nothing in time.</summary>
    Silent,

    /// <summary>It was not asked any more, since too many others had failed; or its answer was not waited for.</summary>
    Skipped,
}
