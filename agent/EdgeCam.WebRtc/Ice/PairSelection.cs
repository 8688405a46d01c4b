using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Ice;

/// <summary>
/// Which pair carries data, and the consent to it. Before nomination the valid pair of highest priority (RFC 8445 §12.1), afterwards the
/// nominated one (§8.1): the newest nomination wins, of several within a second the one of highest priority (§8.1.1).
/// </summary>
internal sealed class PairSelection(CheckList checkList, RoleAgreement roles, RandomSource random, IceEventQueue events)
{
    private static readonly TimeSpan s_nominationTie = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_nominationDelay = TimeSpan.FromMilliseconds(200);

    private Instant? _nominatedAt; // when the selected pair was nominated last
    private Instant _nominateBy = Instant.Never;
    private bool _mayNominate;

    /// <summary>Through a restart this is a pair of the former check list, until one of the new list is valid (§9).</summary>
    public CandidatePair? Selected { get; private set; }

    /// <summary>Whether the selected pair is one of the present check list.</summary>
    public bool IsSelectedCurrent => Selected is not null && checkList.Find(Selected.Path) == Selected;

    /// <summary>Always that of the selected pair.</summary>
    public Consent? Consent { get; private set; }

    /// <summary>The peer's end-of-candidates came: nothing better is to be waited for.</summary>
    public bool HasAllRemoteCandidates { get; set; }

    public Instant NextTimeout => Instant.Min(_nominateBy, Consent?.NextTimeout ?? Instant.Never);

    /// <summary>Our check on the pair succeeded.</summary>
    public void HandleValid(CandidatePair pair, ShortTermCredential credential, Instant now)
    {
        if (!pair.IsValid && roles.Role == IceRole.Controlling && _nominateBy == Instant.Never && !_mayNominate)
            _nominateBy = now + s_nominationDelay;
        pair.IsValid = true;

        var nominatedAt = roles.Role == IceRole.Controlled ? pair.NominatedAt : pair.IsNominating ? now : null;
        if (nominatedAt is { } at)
            Nominate(pair, at, credential, now);
        else if (_nominatedAt is null && (!IsSelectedCurrent || pair.Priority > Selected!.Priority))
            Select(pair, credential, now);
    }

    /// <summary>The peer, which controls, nominated the pair (§7.3.1.5).</summary>
    public void HandleNomination(CandidatePair pair, ShortTermCredential? credential, Instant now)
    {
        if (credential is not null && IsUsable(pair, now))
            Nominate(pair, now, credential, now);
        else
            pair.NominatedAt = now; // until our own check succeeds
    }

    /// <summary>A check on the pair failed, perhaps one that had succeeded before.</summary>
    public void HandleFailed(CandidatePair pair, ShortTermCredential credential, Instant now)
    {
        pair.IsValid = false;
        pair.IsNominating = false;
        pair.NominatedAt = null;
        if (pair != Selected)
            return;

        HandleLost(credential, now);
    }

    /// <summary>The selected pair can no longer be used: the best other valid one is, if there is one.</summary>
    public void HandleLost(ShortTermCredential? credential, Instant now)
    {
        Clear();
        if (credential is not null && checkList.Best(now, IsUsable) is { } next)
            Select(next, credential, now);
    }

    /// <summary>As controlling agent, nominates the best pair when better ones are settled or have had their time (§8.1.1, regular nomination).</summary>
    public void NominateWhenReady(Instant now)
    {
        if (now >= _nominateBy)
        {
            _nominateBy = Instant.Never;
            _mayNominate = true;
        }

        if (roles.Role != IceRole.Controlling || _nominatedAt is not null || checkList.Best(true, static (pair, sought) => pair.IsNominating == sought) is not null
            || checkList.Best(now, IsUsable) is not { } best)
            return;

        if (_mayNominate || (HasAllRemoteCandidates && checkList.Best(best, static (pair, best) => pair.IsUnfinished && pair.Priority > best.Priority) is null))
        {
            best.IsNominating = true;
            checkList.Trigger(best);
        }
    }

    /// <summary>Ends the use of the selected pair where its consent expired; another pair that still works takes its place.</summary>
    /// <returns>True where that was the present check list's last pair, so that only a restart helps (RFC 7675 §5.1).</returns>
    public bool ExpireConsent(ShortTermCredential? credential, Instant now)
    {
        if (Consent is null || !Consent.HasExpired(now))
            return false;
        var wasCurrent = IsSelectedCurrent;
        Selected!.IsValid = false;
        HandleLost(credential, now);
        return wasCurrent && Selected is null;
    }

    public void HandleRestart()
    {
        _nominatedAt = null;
        _nominateBy = Instant.Never;
        _mayNominate = false;
        HasAllRemoteCandidates = false;
    }

    public void Clear()
    {
        Selected = null;
        Consent = null;
        _nominatedAt = null;
    }

    private static bool IsUsable(CandidatePair pair, Instant now) => pair.IsValid && now - pair.LastResponseAt < Consent.Lifetime;

    private void Nominate(CandidatePair pair, Instant at, ShortTermCredential credential, Instant now)
    {
        if (pair != Selected && _nominatedAt is { } last && at - last <= s_nominationTie && pair.Priority < Selected!.Priority)
            return;
        _nominatedAt = Instant.Max(at, _nominatedAt ?? at);
        pair.NominatedAt = null;
        if (pair == Selected && pair.IsNominated)
            return; // browsers repeat it with each check
        pair.IsNominated = true;
        checkList.HandleNominated(pair);
        Select(pair, credential, now);
    }

    private void Select(CandidatePair pair, ShortTermCredential credential, Instant now)
    {
        if (pair == Selected)
            return;
        Selected = pair;
        Consent = new(pair, credential, random, now);
        var localType = pair.MappedAddress.WithScope(pair.Path.Local.ScopeId) == pair.Path.Local ? CandidateType.Host
            : pair.Local.ReflexiveAddresses.Contains(pair.MappedAddress) ? CandidateType.ServerReflexive
            : CandidateType.PeerReflexive;
        events.Offer(new IceEvent.SelectedPairChanged(pair.Path, localType, pair.RemoteType));
    }
}
