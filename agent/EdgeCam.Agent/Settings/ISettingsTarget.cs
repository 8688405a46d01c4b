using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Settings;

/// <summary>The running agent, as the settings need it.</summary>
internal interface ISettingsTarget
{
    /// <summary>Null: it has no broker.</summary>
    BrokerCondition? Broker { get; }

    IReadOnlyList<CameraReport> Cameras { get; }

    /// <summary>Puts a change into effect that does not restart the agent. Must not wait.</summary>
    void Apply(SettingsChange change, AgentOptions options);

    /// <summary>Ends this agent, in order, so that another one is made from the settings in force. Must not wait.</summary>
    void Restart();

    /// <summary>Queues an event at the broker: its kind, and JSON.</summary>
    void Tell(string kind, byte[] json);

    /// <summary>Queues the retained <c>config/reported</c>.</summary>
    void Report(byte[] json);
}
