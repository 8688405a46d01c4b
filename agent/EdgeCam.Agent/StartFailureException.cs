using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent;

/// <summary>The agent cannot start as configured, which shows only when it tries: a port is taken.</summary>
internal sealed class StartFailureException(ConfigurationMistake mistake, Exception cause) : Exception(mistake.ToString(), cause)
{
    public ConfigurationMistake Mistake { get; } = mistake;
}
