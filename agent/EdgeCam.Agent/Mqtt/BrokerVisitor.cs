namespace EdgeCam.Agent.Mqtt;

/// <summary>A connection to the embedded broker, and what it may.</summary>
/// <param name="Expires">When its token does; null: never.</param>
internal sealed record BrokerVisitor(string Client, BrokerRole Role, DateTimeOffset? Expires)
{
    /// <summary>What it has subscribed to; its packets are handled one at a time.</summary>
    public HashSet<string> Filters { get; } = new(StringComparer.Ordinal);

    public PublishBudget Budget { get; } = new();
}
