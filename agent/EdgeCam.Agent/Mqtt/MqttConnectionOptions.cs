namespace EdgeCam.Agent.Mqtt;

/// <summary>What a <see cref="MqttConnection"/> is told.</summary>
/// <param name="ClientId">The device's id, unless the broker wants another name.</param>
/// <param name="StatusTopic">Where the status is retained, and where the will puts <paramref name="OfflineStatus"/>.</param>
/// <param name="Tls">Where the broker is reached by TLS; null: the system's trust, and no certificate of ours.</param>
/// <param name="KeepAlive">Null: 30 s.</param>
/// <param name="FirstDelay">Bound of the first wait before a new attempt; it doubles with each. Null: 1 s.</param>
/// <param name="MaxDelay">Bound of all of them; null: those of <see cref="ReconnectPolicy"/>.</param>
/// <param name="EventTopic">Where a take-over of the connection is told; null: nowhere.</param>
internal sealed record MqttConnectionOptions(
    BrokerAddress Broker,
    string ClientId,
    string StatusTopic,
    ReadOnlyMemory<byte> OfflineStatus,
    string? Username = null,
    ReadOnlyMemory<byte> Password = default,
    BrokerTls? Tls = null,
    TimeSpan? KeepAlive = null,
    TimeSpan? FirstDelay = null,
    TimeSpan? MaxDelay = null,
    string? EventTopic = null)
{
    /// <summary>The keep-alive: after half as long again without a sign of life either side takes the connection for dead (MQTT 5 §3.1.2.10).</summary>
    public TimeSpan LongestSilence => KeepAlive ?? TimeSpan.FromSeconds(30);
}
