namespace EdgeCam.WebRtc.Primitives;

/// <summary>An address that datagrams can be sent from and come in at: a socket's, or one that a TURN server relays for us.</summary>
/// <param name="Address">What a path of ours begins at; never a wildcard.</param>
/// <param name="Type">Host or relayed.</param>
/// <param name="Related">Of a relayed address: what its server sees us as (RFC 8445 §5.3), or none.</param>
public readonly record struct LocalAddress(TransportAddress Address, CandidateType Type = CandidateType.Host, TransportAddress Related = default);
