using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc;

/// <summary>What a peer connection needs from its owner.</summary>
/// <param name="Dtls">Our certificate and settings, shared by all connections.</param>
/// <param name="Random">Where its randomness comes from.</param>
/// <param name="Clock">Wall-clock time for sender reports and abs-capture-time.</param>
/// <param name="HostAddresses">Addresses of our sockets: the host candidates, in order of preference.</param>
/// <param name="StunServers">Asked for server-reflexive candidates, which are trickled.</param>
/// <param name="StreamProfile">What the encoder really sends, from its SPS.</param>
/// <param name="StreamName">The msid: which camera this is.</param>
/// <param name="Advertised">Told as host candidates besides <paramref name="HostAddresses"/>; null for none.</param>
/// <param name="HidesHostAddresses">Host addresses are used but not told.</param>
/// <param name="MoreAddressesFollow">The answer does not end the candidates: relayed addresses are on their way.</param>
/// <param name="Remembered">What an earlier connection to that address carried.</param>
/// <param name="RelayedAddresses">Those that are there already and stand in the answer; null for none.</param>
public sealed record PeerConnectionOptions(
    DtlsContext Dtls,
    RandomSource Random,
    NtpClock Clock,
    IReadOnlyList<TransportAddress> HostAddresses,
    IReadOnlyList<TransportAddress> StunServers,
    ProfileLevelId StreamProfile,
    string StreamName,
    IReadOnlyList<TransportAddress>? Advertised = null,
    bool HidesHostAddresses = false,
    bool MoreAddressesFollow = false,
    Func<TransportAddress, RememberedLink>? Remembered = null,
    IReadOnlyList<LocalAddress>? RelayedAddresses = null);
