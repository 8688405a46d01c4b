using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>RFC 8445 §5.1.2 and §6.1.2.3.</summary>
internal static class CandidatePriority
{
    private const int Component = 1;

    /// <summary>The recommended formula with the recommended type preferences.</summary>
    public static uint Compute(CandidateType type, ushort localPreference)
    {
        var typePreference = type switch
        {
            CandidateType.Host => 126u,
            CandidateType.PeerReflexive => 110u,
            CandidateType.ServerReflexive => 100u,
            _ => 0u,
        };
        return (typePreference << 24) | ((uint)localPreference << 8) | (256 - Component);
    }

    /// <summary>A pair's priority, the same at both ends.</summary>
    public static ulong OfPair(uint controlling, uint controlled) =>
        ((ulong)Math.Min(controlling, controlled) << 32)
        + (2 * (ulong)Math.Max(controlling, controlled))
        + (controlling > controlled ? 1u : 0u);
}
