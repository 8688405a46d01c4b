using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>The peer's candidates, signalled or found, and the pairs they make with our bases (RFC 8445 §6.1.2, RFC 8838 §12).</summary>
internal sealed class RemoteCandidates(List<HostBase> bases, CheckList checkList)
{
    private const int MaxHeld = 50;

    private readonly Queue<Candidate> _held = new();
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

    /// <summary>An address that the peer's candidates do not name (RFC 8445 §7.3.1.3): behind a NAT, or not trickled yet.</summary>
    public CandidatePair? AddPeerReflexive(HostBase local, TransportAddress remote, uint priority)
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
        foreach (var local in bases)
        {
            var remote = candidate.Address;
            if (!local.TryPair(ref remote))
                continue;

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
}
