namespace EdgeCam.Agent.Publishing;

/// <summary>What follows from the end of a connection.</summary>
internal enum PublishEndKind
{
    /// <summary>The next attempt waits, longer each time.</summary>
    Failed,

    /// <summary>The camera has no picture yet: nothing is the matter with the server.</summary>
    NoPicture,

    /// <summary>The device's addresses changed: the next attempt waits for nothing.</summary>
    Moved,
}
