namespace EdgeCam.WebRtc.Primitives;

/// <summary>RFC 8445 §5.1.1.</summary>
public enum CandidateType
{
    Host,
    ServerReflexive,
    PeerReflexive,
    Relayed,
}
