using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>
/// What we send from: a socket's address or a relayed one. It is a candidate, and the base of what is reflexive behind it (RFC 8445 §5.1.1).
/// </summary>
/// <param name="local">The address, and which of the two it is.</param>
/// <param name="preference">65535 for the most wanted (RFC 8445 §5.1.2.1).</param>
/// <param name="foundation">Equal for host bases of one IP address.</param>
internal sealed class LocalBase(LocalAddress local, ushort preference, string foundation)
{
    public TransportAddress Address => local.Address;

    public CandidateType Type => local.Type;

    public string Foundation => foundation;

    /// <summary>What STUN servers see this base as.</summary>
    public List<TransportAddress> ReflexiveAddresses { get; } = [];

    public uint Priority(CandidateType type) => CandidatePriority.Compute(type, preference);

    /// <param name="ownAddress">False where our own addresses stay ours: <c>raddr</c> then says nothing (RFC 8839 §5.1).</param>
    public Candidate ToCandidate(string usernameFragment, bool ownAddress = true) =>
        new(Foundation, Priority(Type), Address.WithScope(0), Type, Type == CandidateType.Relayed ? Related(local.Related, ownAddress) : default, UsernameFragment: usernameFragment);

    public Candidate ToServerReflexive(TransportAddress mapped, string usernameFragment, bool ownAddress = true) => new(
        $"s{Foundation}", Priority(CandidateType.ServerReflexive), mapped, CandidateType.ServerReflexive, Related(Address.WithScope(0), ownAddress),
        UsernameFragment: usernameFragment);

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

    private static TransportAddress Related(TransportAddress address, bool ownAddress)
    {
        const ushort Discard = 9;
        return ownAddress ? address
            : address.IsIPv4 ? TransportAddress.FromIPv4(0, Discard)
            : TransportAddress.FromIPv6(new byte[16], Discard);
    }
}
