using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Signaling;

/// <summary>The session topics: from topic to session and back.</summary>
internal static class MqttSignaling
{
    /// <summary>A session message is of no use to anyone after so long.</summary>
    private static readonly TimeSpan s_expiry = TimeSpan.FromSeconds(30);

    public static Action<SessionKey, byte[]> Sender(MqttConnection connection, MqttTopics topics) =>
        (key, message) => connection.Publish(topics.ToViewerOf(key.Client, key.Session), message, Queueing.Answer, s_expiry);

    public static void Connect(this SignalingService service, MqttConnection connection, MqttTopics topics, DropCounters drops) =>
        connection.Subscribe(topics.ToDeviceFilter, message =>
        {
            if (topics.TryParseToDevice(message.Topic, out var client, out var session))
                service.Receive(new(client, session), message.Payload, message.Retained, message.Oversized);
            else
                drops.Count(Stage.Signaling, DropReason.BadTopic);
        });
}
