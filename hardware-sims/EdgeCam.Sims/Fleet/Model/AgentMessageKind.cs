namespace EdgeCam.Sims.Fleet.Model;

/// <summary>In the order in which they are sent.</summary>
internal enum AgentMessageKind
{
    /// <summary>Somebody waits for it.</summary>
    Answer,

    /// <summary>What happened: each is told, in its order.</summary>
    Event,

    /// <summary>How things are: the newest of a topic replaces the one before.</summary>
    State,
}
