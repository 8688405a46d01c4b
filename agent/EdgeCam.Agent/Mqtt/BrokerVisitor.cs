using System.Collections.Concurrent;
using System.Net;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Mqtt;

/// <summary>A connection to the embedded broker, and what it may.</summary>
/// <param name="Remote">Where it comes from: of two connections under one client id each has its own.</param>
/// <param name="Holder">Whose token it is; null where nobody has one.</param>
/// <param name="Expires">When its token does; null: never.</param>
internal sealed record BrokerVisitor(string Client, EndPoint? Remote, BrokerRole Role, string? Holder, Deadline? Expires)
{
    /// <summary>What it has subscribed to.</summary>
    public ConcurrentDictionary<string, bool> Filters { get; init; } = new(StringComparer.Ordinal);

    public PublishBudget Budget { get; } = new();

    /// <summary>The longest silence that it has announced (MQTT 5 §3.1.2.10); zero: it may be silent for ever.</summary>
    public TimeSpan KeepAlive { get; init; }

    /// <summary>What its token lets it do; null where it needs none.</summary>
    public AccessGrant? Grant { get; init; }

    /// <summary>Since when its token is known to be revoked, by the broker's monotonic clock; null: it is not.</summary>
    public long? RevokedSince { get; set; }

    /// <summary>When its last packet came, by the broker's monotonic clock.</summary>
    public long HeardAt { get; set; }

    /// <summary>Half as long again as announced it may be silent (MQTT 5 §3.1.2.10).</summary>
    public bool IsSilent(TimeProvider time) => KeepAlive > TimeSpan.Zero && time.GetElapsedTime(HeardAt) >= KeepAlive * 1.5;

    /// <summary>Somebody else's connection under this one's client id would inherit its session (MQTT 5 §3.1.2.4), or end it.</summary>
    public bool IsReplaceableBy(BrokerVisitor other) => Role == other.Role && Holder == other.Holder;
}
