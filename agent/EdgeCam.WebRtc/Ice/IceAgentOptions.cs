using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>What an <see cref="IceAgent"/> needs from its owner.</summary>
/// <param name="Role">The answerer of an offer is controlled unless the offerer is lite (RFC 8445 §6.1.1).</param>
/// <param name="LocalCredentials">What the answer carries.</param>
/// <param name="Random">Where transaction ids and the tie-breaker come from.</param>
/// <param name="HostAddresses">Addresses of our sockets, in order of preference. A datagram's path begins at one of them, never at a wildcard.</param>
/// <param name="StunServers">Asked from each host address of their family for server-reflexive candidates; null for none.</param>
/// <param name="Advertised">Told as host candidates besides, port 0 for that of our socket: forwarded ports, containers' hosts; null for none.</param>
/// <param name="HidesHostAddresses">Host addresses are used but not told.</param>
/// <param name="MoreAddressesFollow">Gathering is not completed before <see cref="IceAgent.EndLocalAddresses"/>.</param>
/// <param name="MaxPairs">The bound of the check list (RFC 8445 §6.1.2.5).</param>
/// <param name="MaxChecks">How often one check is sent before its pair has failed.</param>
public sealed record IceAgentOptions(
    IceRole Role,
    IceCredentials LocalCredentials,
    RandomSource Random,
    IReadOnlyList<TransportAddress> HostAddresses,
    IReadOnlyList<TransportAddress>? StunServers = null,
    IReadOnlyList<TransportAddress>? Advertised = null,
    bool HidesHostAddresses = false,
    bool MoreAddressesFollow = false,
    int MaxPairs = 100,
    int MaxChecks = 7);
