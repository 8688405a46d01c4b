using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>
/// The candidate pairs, which of them is checked next, and which thaw (RFC 8445 §6.1.2 to §6.1.4). There is one, with one component.
/// A foundation with a frozen pair always has another that waits or is in progress: that is kept at each change, so that the next check
/// is simply the best waiting pair.
/// </summary>
internal sealed class CheckList(int maxPairs, IceRole role)
{
    private readonly Dictionary<NetworkPath, CandidatePair> _pairs = [];
    private long _triggered;

    public Dictionary<NetworkPath, CandidatePair>.ValueCollection Pairs => _pairs.Values;

    /// <summary>Ours; the pairs' priorities depend on it (§6.1.2.3).</summary>
    public IceRole Role
    {
        get;
        set
        {
            if (field == value)
                return;
            field = value;
            foreach (var pair in Pairs)
                Prioritize(pair);
        }
    }
    = role;

    public CandidatePair? Find(NetworkPath path) => _pairs.GetValueOrDefault(path);

    public void Clear() => _pairs.Clear();

    /// <summary>We can no longer send from this base.</summary>
    public void Remove(LocalBase local)
    {
        foreach (var pair in Pairs)
        {
            if (pair.Local != local)
                continue;
            _pairs.Remove(pair.Path); // .NET allows removing while enumerating
            ThawNext(pair.Foundation);
        }
    }

    /// <summary>
    /// The selected pair is lost, or may be: of the others, what nomination left aside and what worked before is checked anew. What never answered stays
    /// failed, so that no offer makes us send more than its checks to anyone.
    /// </summary>
    public void Renew(CandidatePair? selected)
    {
        foreach (var pair in Pairs)
        {
            if (pair != selected && !pair.IsUnfinished && (pair.IsRequested || pair.LastResponseAt != default || !pair.HasFailedCheck))
                (pair.State, pair.Transaction) = (PairState.Waiting, null);
        }
    }

    /// <summary>
    /// Adds a pair whose path is new. Policy when full (§6.1.2.5): the pair of lowest priority that no check was begun on goes, else the new one
    /// is refused: candidates that keep coming make us check no more addresses than the list holds. One that the peer's own request came on
    /// takes the place of any that is not valid: first of those it has not used, of these first of what is settled.
    /// </summary>
    public bool TryAdd(CandidatePair pair)
    {
        Prioritize(pair);
        if (_pairs.Count >= maxPairs && !TryMakeRoom(pair))
            return false;

        // RFC 8838 §12: it waits unless another of its foundation goes first.
        pair.State = Pairs.Any(other => other.Foundation == pair.Foundation && other.IsUnfinished) ? PairState.Frozen : PairState.Waiting;
        _pairs.Add(pair.Path, pair);
        return true;
    }

    /// <summary>Puts a pair at the end of the triggered-check queue (§7.3.1.4).</summary>
    public void Trigger(CandidatePair pair)
    {
        pair.State = PairState.Waiting;
        pair.Transaction = null;
        if (pair.TriggeredOrder == 0)
            pair.TriggeredOrder = ++_triggered;
    }

    /// <summary>The oldest triggered pair, else null.</summary>
    public CandidatePair? NextTriggered()
    {
        CandidatePair? oldest = null;
        foreach (var pair in Pairs)
        {
            if (pair.TriggeredOrder != 0 && (oldest is null || pair.TriggeredOrder < oldest.TriggeredOrder))
                oldest = pair;
        }

        return oldest;
    }

    /// <summary>The waiting pair of highest priority, else null (§6.1.4.2).</summary>
    public CandidatePair? NextOrdinary() => Best(PairState.Waiting, static (pair, state) => pair.State == state);

    /// <summary>The pair of highest priority among those that fulfil the condition, which is static so that asking allocates nothing.</summary>
    public CandidatePair? Best<TArgument>(TArgument argument, Func<CandidatePair, TArgument, bool> condition)
    {
        CandidatePair? best = null;
        foreach (var pair in Pairs)
        {
            if ((best is null || pair.Priority > best.Priority) && condition(pair, argument))
                best = pair;
        }

        return best;
    }

    /// <summary>§7.2.5.3.3: what worked for one of a foundation probably works for its others.</summary>
    public void HandleSucceeded(CandidatePair pair)
    {
        pair.State = PairState.Succeeded;
        foreach (var other in Pairs)
        {
            if (other.State == PairState.Frozen && other.Foundation == pair.Foundation)
                other.State = PairState.Waiting;
        }
    }

    public void HandleFailed(CandidatePair pair)
    {
        pair.HasFailedCheck = true;
        pair.State = PairState.Failed;
        pair.Transaction = null;
        ThawNext(pair.Foundation);
    }

    /// <summary>
    /// A pair is nominated (§8.1.2): what is worse is not checked any more unless the peer's own checks trigger it, which keeps warm what a
    /// browser may nominate next.
    /// </summary>
    public void HandleNominated(CandidatePair nominated)
    {
        foreach (var pair in Pairs)
        {
            if (pair == nominated || !pair.IsUnfinished || pair.TriggeredOrder != 0)
                continue;
            if (pair.Priority < nominated.Priority)
                (pair.State, pair.Transaction) = (PairState.Failed, null);
            else if (pair.State == PairState.Frozen)
                pair.State = PairState.Waiting; // what it waited for may just have been dropped
        }
    }

    /// <summary>The peer's candidate of a peer-reflexive pair became known by signaling (§7.3.1.3).</summary>
    public void Identify(CandidatePair pair, Candidate remote)
    {
        var former = pair.Foundation;
        var foundation = (pair.Local.Foundation, remote.Foundation);
        pair.Foundation = foundation;
        pair.RemoteType = remote.Type;
        pair.RemotePriority = remote.Priority;
        Prioritize(pair);
        ThawNext(former);
        ThawNext(foundation);
    }

    private void Prioritize(CandidatePair pair)
    {
        var local = pair.Local.Priority(pair.Local.Type); // a reflexive candidate is checked by its base, §6.1.2.4
        pair.Priority = Role == IceRole.Controlling
            ? CandidatePriority.OfPair(local, pair.RemotePriority)
            : CandidatePriority.OfPair(pair.RemotePriority, local);
    }

    private void ThawNext((string Local, string Remote) foundation)
    {
        if (!Pairs.Any(pair => pair.Foundation == foundation && pair.State is PairState.Waiting or PairState.InProgress)
            && Best(foundation, static (pair, foundation) => pair.Foundation == foundation && pair.State == PairState.Frozen) is { } next)
            next.State = PairState.Waiting;
    }

    private bool TryMakeRoom(CandidatePair pair)
    {
        CandidatePair? worst = null;
        foreach (var other in Pairs)
        {
            if (MayGiveWay(other, pair) && (worst is null || Worth(other).CompareTo(Worth(worst)) < 0))
                worst = other;
        }

        if (worst is null || (worst.IsRequested, worst.Priority).CompareTo((pair.IsRequested, pair.Priority)) >= 0)
            return false;

        _pairs.Remove(worst.Path);
        ThawNext(worst.Foundation);
        return true;

        static (bool, bool, ulong) Worth(CandidatePair pair) => (pair.IsRequested, pair.State == PairState.InProgress, pair.Priority);
    }

    private static bool MayGiveWay(CandidatePair pair, CandidatePair newcomer) =>
        !pair.IsValid && (newcomer.IsRequested ? !pair.IsRequested || pair.State != PairState.InProgress : !pair.WasChecked);
}
