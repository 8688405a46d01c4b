namespace EdgeCam.Agent;

/// <summary>How the agent ended.</summary>
internal enum AgentEnding
{
    /// <summary>By a signal.</summary>
    Stopped,

    /// <summary>By settings that want it made anew, within this process.</summary>
    Anew,

    /// <summary>By an operator, to be started again by the service manager.</summary>
    Restart,
}
