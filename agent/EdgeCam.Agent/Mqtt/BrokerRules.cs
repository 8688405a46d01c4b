namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// Who may publish and subscribe to what at the embedded broker: the same rules as deploy/broker ships for mosquitto. What is not
/// allowed here is forbidden.
/// </summary>
internal sealed class BrokerRules(MqttTopics topics)
{
    /// <summary>A client's own session topics, and the status of the devices.</summary>
    public const int MaxSubscriptions = 16;

    private readonly string _device = $"{topics.Prefix}/{topics.Device}/";

    /// <summary>A viewer that took the device's client id would end the device's connection.</summary>
    public bool MayConnect(BrokerRole role, string client) =>
        role == BrokerRole.Device ? client == topics.Device : client != topics.Device && MqttTopics.IsClient(client);

    public bool MayPublish(BrokerRole role, string client, string topic) =>
        role switch
        {
            BrokerRole.Device => topic.StartsWith(_device, StringComparison.Ordinal),
            BrokerRole.Operator => topic == topics.ConfigDesired || (topics.TryParseRpcRequest(topic, out var caller) && caller == client) || IsOwnSession(client, topic),
            _ => IsOwnSession(client, topic),
        };

    /// <summary>Only the device keeps a message at the broker, its status and its configuration; and an operator what that shall be.</summary>
    public bool MayRetain(BrokerRole role, string topic) => role switch
    {
        BrokerRole.Device => topic == topics.Status || topic == topics.ConfigReported,
        BrokerRole.Operator => topic == topics.ConfigDesired,
        _ => false,
    };

    public bool MaySubscribe(BrokerRole role, string client, string filter)
    {
        if (role == BrokerRole.Device)
            return filter.StartsWith(_device, StringComparison.Ordinal);
        if (!filter.StartsWith(topics.Prefix + "/", StringComparison.Ordinal))
            return false;

        return filter[(topics.Prefix.Length + 1)..].Split('/') switch
        {
            [var device, "status"] => IsDevice(device),
            [var device, "session", var named, var session, "to-viewer"] =>
                IsDevice(device) && named == client && (session == "+" || MqttTopics.IsSession(session)),
            [var device, "telemetry"] => role == BrokerRole.Operator && IsDevice(device),
            [var device, "event", _] => role == BrokerRole.Operator && IsDevice(device),
            [var device, "config", "reported"] => role == BrokerRole.Operator && IsDevice(device),
            [var device, "rpc", var named, "response"] => role == BrokerRole.Operator && IsDevice(device) && named == client,
            _ => false,
        };
    }

    private bool IsOwnSession(string client, string topic) => topics.TryParseToDevice(topic, out var named, out _) && named == client;

    private bool IsDevice(string level) => level == "+" || level == topics.Device;
}
