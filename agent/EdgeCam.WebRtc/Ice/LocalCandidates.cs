using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>Our bases, and the candidates that the peer is told of them (RFC 8445 §5.1). Both come and go with interfaces and allocations.</summary>
/// <param name="usernameFragment">That of our present credentials.</param>
/// <param name="isHiding">Host candidates and the addresses behind others are kept to ourselves.</param>
/// <param name="advertised">Told as host candidates besides: whoever forwards them to us knows how.</param>
internal sealed class LocalCandidates(
    string usernameFragment, bool isHiding, IReadOnlyList<TransportAddress> advertised, IceEventQueue events)
{
    private const int MaxBases = 64; // more addresses than that are another machine's mistake
    private const int MaxOrdinal = 0x3FFF;
    private const int LoopbackPenalty = 0x8000; // reaches this machine only

    private readonly List<Candidate> _all = [];
    private readonly List<LocalBase> _owners = []; // of the candidate at the same place
    private string _usernameFragment = usernameFragment;
    private int _ordinal;
    private int _advertisedCount;

    public List<LocalBase> Bases { get; } = [];

    public IReadOnlyList<Candidate> All => _all;

    public LocalBase? Find(TransportAddress address)
    {
        foreach (var local in Bases)
        {
            if (local.Address == address)
                return local;
        }

        return null;
    }

    /// <summary>Takes a further address. Policy: what cannot be sent from, is known already or is one too many is left out.</summary>
    public LocalBase? Add(LocalAddress address)
    {
        if (!address.Address.IsUnicast || Bases.Count >= MaxBases || Find(address.Address) is not null)
            return null;

        var ordinal = Math.Min(_ordinal++, MaxOrdinal);
        var sameHost = address.Type == CandidateType.Relayed ? null
            : Bases.Find(known => known.Type == CandidateType.Host && known.Address.WithPort(0) == address.Address.WithPort(0));
        var foundation = sameHost?.Foundation ?? $"{(address.Type == CandidateType.Relayed ? "r" : "")}{_ordinal}";
        var local = new LocalBase(address, (ushort)(ushort.MaxValue - ordinal - (address.Address.IsLoopback ? LoopbackPenalty : 0)), foundation);
        Bases.Add(local);
        if (local.Type == CandidateType.Relayed || !isHiding)
            Tell(local, local.ToCandidate(_usernameFragment, !isHiding));
        if (local.Type == CandidateType.Host)
            Advertise(local);
        return local;
    }

    /// <summary>The address is gone, and what was told of it with it. There is no way to take a trickled candidate back: its checks fail.</summary>
    public LocalBase? Remove(TransportAddress address)
    {
        if (Find(address) is not { } local)
            return null;
        Bases.Remove(local);
        RemoveWhere(i => _owners[i] == local);
        if (Bases.Find(other => other.Type == CandidateType.Host && other.Address.IsIPv4 == address.IsIPv4) is { } heir)
            Advertise(heir);
        return local;
    }

    public void AddServerReflexive(LocalBase local, TransportAddress mapped)
    {
        if (!local.ReflexiveAddresses.Contains(mapped))
            local.ReflexiveAddresses.Add(mapped);
        Tell(local, local.ToServerReflexive(mapped, _usernameFragment, !isHiding));
    }

    /// <summary>The candidates of a new generation: what is reflexive is found anew.</summary>
    public void HandleRestart(string newUsernameFragment)
    {
        _usernameFragment = newUsernameFragment;
        RemoveWhere(i => _all[i].Type == CandidateType.ServerReflexive);
        foreach (var local in Bases)
            local.ReflexiveAddresses.Clear();
        for (var i = 0; i < _all.Count; i++)
            _all[i] = _all[i] with { UsernameFragment = newUsernameFragment };
    }

    /// <summary>The first base of a family stands for the forwarded addresses of that family.</summary>
    private void Advertise(LocalBase local)
    {
        foreach (var address in advertised)
        {
            if (address.IsIPv4 != local.Address.IsIPv4 || local.Address.IsLinkLocal)
                continue;
            var told = address.Port == 0 ? address.WithPort(local.Address.Port) : address;
            if (!told.IsUnicast || _all.Exists(known => known.Address == told))
                continue;
            var preference = (ushort)(LoopbackPenalty + MaxOrdinal - (_advertisedCount++ % MaxOrdinal)); // after our own addresses
            Tell(local, new(
                $"a{_advertisedCount}", CandidatePriority.Compute(CandidateType.Host, preference), told, CandidateType.Host, UsernameFragment: _usernameFragment));
        }
    }

    private void RemoveWhere(Func<int, bool> isGone)
    {
        for (var i = _all.Count - 1; i >= 0; i--)
        {
            if (!isGone(i))
                continue;
            _all.RemoveAt(i);
            _owners.RemoveAt(i);
        }
    }

    private void Tell(LocalBase local, Candidate candidate)
    {
        if (_all.Exists(known => known.Address == candidate.Address))
            return; // RFC 8445 §5.1.3: redundant, as a reflexive one is without a NAT
        _all.Add(candidate);
        _owners.Add(local);
        events.Offer(new IceEvent.LocalCandidate(candidate));
    }
}
