namespace EdgeCam.Agent.Mqtt;

/// <summary>Whom the embedded broker has before it.</summary>
internal enum BrokerRole
{
    /// <summary>A browser on this machine; it presents nothing.</summary>
    Viewer,

    /// <summary>The agent's own connection.</summary>
    Device,
}
