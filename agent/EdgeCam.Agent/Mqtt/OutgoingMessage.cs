namespace EdgeCam.Agent.Mqtt;

/// <summary>A message that waits for the broker, or for its acknowledgement.</summary>
/// <param name="expiry">After so long nobody wants it any more; zero: never.</param>
/// <param name="queued">When, in ticks of the clock.</param>
internal sealed class OutgoingMessage(
    string topic, ReadOnlyMemory<byte> payload, Queueing queueing, TimeSpan expiry, bool retain, ReadOnlyMemory<byte> correlationData, long queued)
{
    private const int Overhead = 256; // of the objects that hold it, and of the packet around it

    public string Topic { get; } = topic;

    public ReadOnlyMemory<byte> Payload { get; } = payload;

    public Queueing Queueing { get; } = queueing;

    public bool Retain { get; } = retain;

    public ReadOnlyMemory<byte> CorrelationData { get; } = correlationData;

    /// <summary>Octets that it costs while it waits, and at least those that it has as a packet, properties included.</summary>
    public int Size { get; } = payload.Length + correlationData.Length + (topic.Length * 3) + Overhead;

    /// <summary>Handed out, and not yet acknowledged. Set by the queue.</summary>
    public bool IsSending { get; set; }

    /// <summary>Connections that ended before it was acknowledged. Set by the queue.</summary>
    public int Attempts { get; set; }

    /// <summary>What is left of its time, at most zero where it is over; null: it does not end.</summary>
    public TimeSpan? Left(TimeProvider time) => expiry == TimeSpan.Zero ? null : expiry - time.GetElapsedTime(queued);
}
