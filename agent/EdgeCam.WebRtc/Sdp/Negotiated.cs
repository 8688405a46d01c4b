using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>What offer and answer agree on: one transport, at most one video stream to send, at most one data channel association.</summary>
/// <param name="RemoteCandidates">UDP candidates of component 1, in the offer's order; mDNS names are not resolved.</param>
/// <param name="EndOfRemoteCandidates">The offer says so, or its sender does not trickle and has given some.</param>
/// <param name="RemoteIsLite">Then we are the controlling agent (RFC 8445 §6.1.1).</param>
/// <param name="RemoteFingerprints">The peer's certificate must match one of them (RFC 8122 §5).</param>
/// <param name="Role">Ours.</param>
/// <param name="Transport">The section whose transport is used: its m= line, and its mid.</param>
/// <param name="Bundle">The mids that share it, empty where nothing is bundled.</param>
public sealed record Negotiated(
    IceCredentials RemoteCredentials,
    IReadOnlyList<Candidate> RemoteCandidates,
    bool EndOfRemoteCandidates,
    bool RemoteIsLite,
    IReadOnlyList<Fingerprint> RemoteFingerprints,
    SetupRole Role,
    (string Section, string Mid) Transport,
    IReadOnlyList<string> Bundle,
    NegotiatedVideo? Video,
    NegotiatedDataChannel? DataChannel);
