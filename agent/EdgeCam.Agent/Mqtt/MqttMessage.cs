namespace EdgeCam.Agent.Mqtt;

/// <summary>A message as it came.</summary>
/// <param name="Payload">Belongs to the receiver.</param>
/// <param name="Retained">A stored copy, or meant to become one: not a message of this moment.</param>
/// <param name="ResponseTopic">Where an answer is to go (MQTT 5 §3.3.2.3.5); null where it does not say.</param>
/// <param name="CorrelationData">To be given back with it.</param>
/// <param name="Oversized">The payload was above <see cref="MqttConnection.MaxPayload"/> and is left out.</param>
internal readonly record struct MqttMessage(string Topic, ReadOnlyMemory<byte> Payload, bool Retained, bool Oversized = false, string? ResponseTopic = null, ReadOnlyMemory<byte> CorrelationData = default);
