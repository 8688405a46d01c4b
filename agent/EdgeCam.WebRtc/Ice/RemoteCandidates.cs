using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>The peer's candidates, signalled or found, and the pairs they make with our bases (RFC 8445 §6.1.2, RFC 8838 §12).</summary>
internal sealed class RemoteCandidates(List<LocalBase> bases, CheckList checkList)
{
    private const int MaxHeld = 50;
    private const int MaxKnown = 100; // more make no more pairs

    private readonly Queue<Candidate> _held = new();
    private readonly List<Candidate> _known = [];
    private string? _generation;

    /// <summary>Candidates and pairs that were left out: unusable, of another generation, or beyond a bound.</summary>
    public long Dropped { get; private set; }

    /// <summary>The peer's credentials of a generation came: what waited for them is taken up.</summary>
    public void Begin(string usernameFragment)
    {
        _generation = usernameFragment;
        while (_held.TryDequeue(out var candidate))
        {
            if (IsOfGeneration(candidate))
                AddPairs(candidate);
            else
                Dropped++;
        }
    }

    /// <summary>The generation is over; candidates of the next may have come already.</summary>
    public void End()
    {
        _generation = null;
        _known.Clear();
        checkList.Clear();
    }

    /// <summary>Takes a candidate, or holds it for its generation. Policy when too many are held: the new one is dropped.</summary>
    public void Add(Candidate candidate)
    {
        if (!candidate.IsUdp || candidate.Component != 1 || candidate.HostName is not null || !candidate.Address.IsUnicast)
            Dropped++;
        else if (IsOfGeneration(candidate))
            AddPairs(candidate);
        else if (_held.Count < MaxHeld)
            _held.Enqueue(candidate);
        else
            Dropped++;
    }

    /// <summary>We have one more base: it is paired with what is known of the peer, what its checks came from included.</summary>
    public void AddLocal(LocalBase local)
    {
        foreach (var candidate in _known)
            AddPair(local, candidate);
        foreach (var found in checkList.Pairs.Where(pair => pair.RemoteType == CandidateType.PeerReflexive && pair.Local != local).ToArray())
            AddPair(local, new(found.Foundation.Remote, found.RemotePriority, found.Path.Remote, CandidateType.PeerReflexive));
    }

    /// <summary>An address that the peer's candidates do not name (RFC 8445 §7.3.1.3): behind a NAT, or not trickled yet.</summary>
    public CandidatePair? AddPeerReflexive(LocalBase local, TransportAddress remote, uint priority)
    {
        var pair = new CandidatePair(local, remote)
        {
            RemoteType = CandidateType.PeerReflexive,
            RemotePriority = priority,
            Foundation = (local.Foundation, $"prflx {remote}"), // no candidate's foundation has a space
            IsRequested = true,
        };
        if (checkList.TryAdd(pair))
            return pair;
        Dropped++;
        return null;
    }

    private bool IsOfGeneration(Candidate candidate) =>
        _generation is not null && (candidate.UsernameFragment is null || candidate.UsernameFragment == _generation);

    private void AddPairs(Candidate candidate)
    {
        if (_known.Count < MaxKnown && !_known.Exists(known => known.Address == candidate.Address)) // of two of an address the first makes the pairs
            _known.Add(candidate);
        foreach (var local in bases)
            AddPair(local, candidate);
    }

    private void AddPair(LocalBase local, Candidate candidate)
    {
        var remote = candidate.Address;
        if (!local.TryPair(ref remote))
            return;

        if (checkList.Find(new(local.Address, remote)) is { } known)
        {
            if (known.RemoteType == CandidateType.PeerReflexive && candidate.Type != CandidateType.PeerReflexive)
                checkList.Identify(known, candidate);
        }
        else if (!checkList.TryAdd(new(local, remote)
        {
            RemoteType = candidate.Type,
            RemotePriority = candidate.Priority,
            Foundation = (local.Foundation, candidate.Foundation),
        }))
        {
            Dropped++;
        }
    }
}
