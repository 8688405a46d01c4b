using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>What an <see cref="IceAgent"/> tells its owner.</summary>
public abstract record IceEvent
{
    /// <summary>Send on this path from now on.</summary>
    public sealed record SelectedPairChanged(NetworkPath Path, CandidateType LocalType, CandidateType RemoteType) : IceEvent;

    /// <summary>A server-reflexive or relayed candidate was found, or a host address came, to be trickled to the peer (RFC 8838 §8).</summary>
    public sealed record LocalCandidate(Candidate Candidate) : IceEvent;

    /// <summary>No local candidate will follow, to be told to the peer as end-of-candidates (RFC 8838 §8.1).</summary>
    public sealed record GatheringCompleted : IceEvent;

    /// <summary>No pair worked.</summary>
    public sealed record Failed : IceEvent;

    /// <summary>The peer left 30 seconds of consent checks unanswered: nothing may be sent any more (RFC 7675 §5.1).</summary>
    public sealed record ConsentExpired : IceEvent;
}
