namespace EdgeCam.Agent.Diagnostics;

/// <summary>The agent's log as it can be asked and set while it runs.</summary>
internal sealed class AgentLog(LogOptions options, TimeProvider time)
{
    public LogRing Ring { get; } = new(time);

    public LogLevels Levels { get; } = new(options, time);
}
