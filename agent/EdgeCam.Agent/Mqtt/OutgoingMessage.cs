namespace EdgeCam.Agent.Mqtt;

/// <summary>A message that waits for the broker.</summary>
/// <param name="Queued">When, in ticks of the clock: after <see cref="Expiry"/> nobody wants it any more.</param>
/// <param name="Expiry">Zero: never.</param>
internal readonly record struct OutgoingMessage(string Topic, ReadOnlyMemory<byte> Payload, bool Retain, TimeSpan Expiry, long Queued, ReadOnlyMemory<byte> CorrelationData = default);
