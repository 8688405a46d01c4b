namespace EdgeCam.Agent.Mqtt;

/// <summary>What a <see cref="MqttConnection"/> is told.</summary>
/// <param name="ClientId">The device's id.</param>
/// <param name="StatusTopic">Where the status is retained, and where the will puts <paramref name="OfflineStatus"/>.</param>
/// <param name="FirstDelay">Bound of the first wait before a new attempt; it doubles with each.</param>
/// <param name="MaxDelay">Bound of all of them.</param>
internal sealed record MqttConnectionOptions(
    BrokerAddress Broker,
    string ClientId,
    string StatusTopic,
    ReadOnlyMemory<byte> OfflineStatus,
    string? Username = null,
    ReadOnlyMemory<byte> Password = default,
    string? CaFile = null,
    TimeSpan? KeepAlive = null,
    TimeSpan? FirstDelay = null,
    TimeSpan? MaxDelay = null);
