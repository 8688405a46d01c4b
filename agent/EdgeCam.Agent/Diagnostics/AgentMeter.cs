namespace EdgeCam.Agent.Diagnostics;

/// <summary>All instruments of the agent belong to the meter of this name.</summary>
internal static class AgentMeter
{
    public const string Name = "EdgeCam";
}
