namespace EdgeCam.Sims.Fleet.Model;

/// <summary>A message of MQTT, to the device or from it.</summary>
/// <param name="ResponseTopic">Where the answer is to go (MQTT 5 §4.10).</param>
/// <param name="Correlation">What tells the answer's request.</param>
/// <param name="Kind">What becomes of it while there is no broker.</param>
/// <param name="Expiry">Nobody wants it after so long; zero: it does not end.</param>
/// <param name="QueuedAt">By the agent's clock.</param>
internal sealed record AgentMessage(
    string Topic, byte[] Payload, bool Retain = false, string? ResponseTopic = null, byte[]? Correlation = null, AgentMessageKind Kind = AgentMessageKind.State, TimeSpan Expiry = default,
    TimeSpan QueuedAt = default);
