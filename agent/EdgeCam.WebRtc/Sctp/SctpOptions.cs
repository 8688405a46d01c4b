using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sctp;

/// <summary>What an association needs from its owner.</summary>
/// <param name="Random">Where tags, TSNs and the cookie's key come from.</param>
/// <param name="IsClient">We are the DTLS client: we send INIT at once and our channels have even ids (RFC 8832 §6).</param>
/// <param name="LocalPort">Our sctp-port attribute (RFC 8841 §5).</param>
/// <param name="RemotePort">The peer's sctp-port attribute.</param>
/// <param name="MaxMessageSize">The longest message that we accept: our max-message-size attribute (RFC 8841 §6).</param>
/// <param name="RemoteMaxMessageSize">The longest message that the peer accepts; 0 is no limit, so our send buffer's bound holds.</param>
/// <param name="Mtu">The longest packet. DTLS 1.2 with AES-GCM adds 37 bytes, so 1160 stay under a datagram of 1200 (RFC 8261 §5).</param>
internal sealed record SctpOptions(
    RandomSource Random,
    bool IsClient,
    ushort LocalPort = 5000,
    ushort RemotePort = 5000,
    int MaxMessageSize = 262_144,
    int RemoteMaxMessageSize = 262_144,
    int Mtu = 1160);
