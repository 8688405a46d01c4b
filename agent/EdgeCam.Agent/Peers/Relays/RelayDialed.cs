using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>A dialer's answer.</summary>
/// <param name="Addresses">The server's, the first to be tried first; empty after a failure.</param>
/// <param name="Connection">Null where the media port reaches it.</param>
/// <param name="Failure">For people, or null.</param>
internal sealed record RelayDialed(RelayDial Dial, IReadOnlyList<TransportAddress> Addresses, IRelayConnection? Connection, string? Failure);
