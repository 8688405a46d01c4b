using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>Who sends and receives through relays. Called in the loop.</summary>
internal interface IRelayUsers
{
    int Count { get; }

    void AddRelayedAddress(LocalAddress address, Instant now);

    void RemoveRelayedAddress(TransportAddress address, Instant now);

    /// <summary>No more will follow for those who wait now.</summary>
    void EndRelayedAddresses(Instant now);

    /// <summary>A datagram that came through a relay.</summary>
    void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now);
}
