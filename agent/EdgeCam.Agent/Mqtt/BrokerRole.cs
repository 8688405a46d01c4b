namespace EdgeCam.Agent.Mqtt;

/// <summary>Whom the embedded broker has before it.</summary>
internal enum BrokerRole
{
    /// <summary>A browser: it watches, and has a token for that unless access is open.</summary>
    Viewer,

    /// <summary>Whoever manages the device: a token with the scope <c>manage</c>.</summary>
    Operator,

    /// <summary>The agent's own connection.</summary>
    Device,
}
