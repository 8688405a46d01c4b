using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>Our side of the negotiation.</summary>
/// <param name="Candidates">Those known by now; with <paramref name="EndOfCandidates"/> there will be no others.</param>
/// <param name="StreamProfile">What the encoder really sends, from its SPS.</param>
/// <param name="RtxSsrc">Signalled only where the offer has a retransmission payload.</param>
/// <param name="StreamId">The msid: a token of at most 64 characters, as the other two names are.</param>
/// <param name="SessionVersion">One more for each later answer of the same session (RFC 8866 §5.2).</param>
/// <param name="ForcedRole">The DTLS role to take where the offer leaves the choice, active otherwise: a live association keeps its role.</param>
/// <param name="TrickleSupported">False where the transport of the answer cannot carry later candidates.</param>
public sealed record AnswerOptions(
    IceCredentials Credentials,
    Fingerprint Fingerprint,
    IReadOnlyList<Candidate> Candidates,
    bool EndOfCandidates,
    ProfileLevelId StreamProfile,
    Ssrc MediaSsrc,
    Ssrc RtxSsrc,
    string Cname,
    string StreamId,
    string TrackId,
    ulong SessionId,
    ulong SessionVersion,
    SetupRole? ForcedRole = null,
    bool TrickleSupported = true);
