using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>One of our sockets' addresses: a host candidate, and the base of what is reflexive behind it (RFC 8445 §5.1.1).</summary>
/// <param name="address">What we send from.</param>
/// <param name="preference">65535 for the most wanted (RFC 8445 §5.1.2.1).</param>
/// <param name="foundation">Equal for bases of one IP address.</param>
internal sealed class HostBase(TransportAddress address, ushort preference, string foundation)
{
    private const int LoopbackPenalty = 0x8000; // reaches this machine only

    public TransportAddress Address => address;

    public string Foundation => foundation;

    /// <summary>What STUN servers see this base as.</summary>
    public List<TransportAddress> ReflexiveAddresses { get; } = [];

    public uint Priority(CandidateType type) => CandidatePriority.Compute(type, preference);

    /// <summary>The bases of the host addresses, most wanted first. Addresses that cannot be sent from are left out.</summary>
    public static List<HostBase> From(IReadOnlyList<TransportAddress> addresses)
    {
        var bases = new List<HostBase>(addresses.Count);
        foreach (var address in addresses.Where(static address => address.IsUnicast).Distinct())
        {
            var sameHost = bases.FindIndex(known => known.Address.WithPort(0) == address.WithPort(0));
            var preference = ushort.MaxValue - bases.Count - (address.IsLoopback ? LoopbackPenalty : 0);
            bases.Add(new(address, (ushort)preference, sameHost < 0 ? $"{bases.Count + 1}" : bases[sameHost].Foundation));
        }

        return bases;
    }

    public Candidate ToCandidate(string usernameFragment) =>
        new(Foundation, Priority(CandidateType.Host), Address.WithScope(0), CandidateType.Host, UsernameFragment: usernameFragment);

    public Candidate ToServerReflexive(TransportAddress mapped, string usernameFragment) =>
        new($"s{Foundation}", Priority(CandidateType.ServerReflexive), mapped, CandidateType.ServerReflexive, Address, UsernameFragment: usernameFragment);

    /// <summary>Whether a datagram may go from here to there, and to which address exactly.</summary>
    /// <param name="remote">Gets this base's interface where it is a link-local IPv6 address: a candidate does not say one.</param>
    public bool TryPair(ref TransportAddress remote)
    {
        if (!remote.IsUnicast || remote.IsIPv4 != Address.IsIPv4 || (remote.IsLoopback && !Address.IsLoopback))
            return false;
        if (Address.IsIPv4)
            return true;
        if (remote.IsLinkLocal != Address.IsLinkLocal) // RFC 8445 §6.1.2.2
            return false;
        if (remote.IsLinkLocal && remote.ScopeId == 0)
            remote = remote.WithScope(Address.ScopeId);
        return remote.ScopeId == Address.ScopeId;
    }
}
