using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>One allocation, or the attempt at one: the client and what carries its messages.</summary>
/// <param name="serverAddress">Whose datagrams on the media port are this client's.</param>
/// <param name="connection">Null where the media port carries them.</param>
internal sealed class Relay(RelayServer server, TurnClient client, TransportAddress serverAddress, IRelayConnection? connection) : IDisposable
{
    public RelayServer Server => server;

    public TurnClient Client => client;

    public TransportAddress ServerAddress => serverAddress;

    public IRelayConnection? Connection => connection;

    public Instant AllocatedAt { get; set; } = Instant.Never;

    /// <summary>What viewers are given once it is allocated.</summary>
    public LocalAddress Local { get; set; }

    /// <summary>Given to viewers, and not yet taken back.</summary>
    public bool IsInUse { get; set; }

    /// <summary>Those who come new do not get it: it cannot be kept.</summary>
    public bool IsRetiring { get; set; }

    /// <summary>When the device's addresses changed last.</summary>
    public Instant MovedAt { get; set; }

    /// <summary>The server has not answered a refresh that was asked for since then: if it fails, it is for that.</summary>
    public bool HasMoved => client.KnownAt < MovedAt;

    public TimeSpan StoodFor(Instant now) => AllocatedAt == Instant.Never ? TimeSpan.Zero : now - AllocatedAt;

    public void Dispose() => connection?.Dispose();
}
