using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Ice;

/// <summary>Our requests on the pairs of a check list, and the peer's responses (RFC 8445 §7.2).</summary>
internal sealed class ConnectivityChecks(CheckList checkList, RoleAgreement roles, Pacer pacer, RandomSource random, int maxSends)
{
    /// <summary>What the requests carry and their responses prove; while null none is sent.</summary>
    public ShortTermCredential? Credential { get; set; }

    public Instant NextTimeout(Instant now)
    {
        var next = Instant.Never;
        if (Credential is null)
            return next;
        foreach (var pair in checkList.Pairs)
        {
            if (pair.State == PairState.InProgress)
                next = Instant.Min(next, pair.Transaction!.NextTimeout);
            else if (pair.State == PairState.Waiting)
                next = Instant.Min(next, pair.TriggeredOrder != 0 ? now : pacer.NextAt);
        }

        return next;
    }

    /// <summary>First what has to be sent again, then what the peer triggered, then what is next by priority.</summary>
    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        if (Credential is not { } credential)
            return false;

        var pair = checkList.Best(now, static (pair, now) => pair.State == PairState.InProgress && pair.Transaction!.IsSendDue(now));
        if (pair is null)
        {
            pair = checkList.NextTriggered() ?? (pacer.IsDue(now) ? checkList.NextOrdinary() : null);
            if (pair is null)
                return false;
            Start(pair, now);
        }

        pair.Transaction!.HandleSent(now);
        pair.RoleSent = roles.Role;
        transmit = Write(buffer, pair, pair.Transaction.Id, credential);
        return true;
    }

    /// <summary>A check or consent check on a pair (§7.2.2, RFC 7675 §5.1).</summary>
    public Transmit Write(Span<byte> buffer, CandidatePair pair, TransactionId id, ShortTermCredential credential)
    {
        var writer = new StunMessageWriter(buffer, StunMethod.Binding, StunClass.Request, id);
        writer.Add(StunAttributeType.Username, credential.Username);
        writer.AddUInt32(StunAttributeType.Priority, pair.Local.Priority(CandidateType.PeerReflexive)); // §7.1.1
        roles.Write(ref writer);
        if (pair.IsNominating && roles.Role == IceRole.Controlling)
            writer.AddFlag(StunAttributeType.UseCandidate);
        writer.AddIntegrity(credential.Key);
        writer.AddFingerprint();
        return new(pair.Path, writer.Length, writer.Length);
    }

    public CandidatePair? FindInProgress(TransactionId id)
    {
        foreach (var pair in checkList.Pairs)
        {
            if (pair.State == PairState.InProgress && pair.Transaction!.Id == id)
                return pair;
        }

        return null;
    }

    /// <summary>Takes a response (§7.2.5). The pair's state is set; what follows for the selection is the caller's.</summary>
    public CheckResult HandleResponse(StunMessageView response, NetworkPath path, Instant now, out CandidatePair? pair)
    {
        pair = FindInProgress(response.TransactionId);
        if (pair is null || Credential is null)
            return CheckResult.Unexpected;
        if (!response.IsAuthenticatedBy(Credential.Key))
            return CheckResult.Unauthenticated;

        if (path == pair.Path && response.Class == StunClass.ErrorResponse
            && response.TryGetErrorCode(out var code) && code == StunErrorCode.RoleConflict && roles.TryGiveWay(pair.RoleSent))
        {
            checkList.Role = roles.Role;
            checkList.Trigger(pair);
            return CheckResult.Repeated;
        }

        if (path != pair.Path // non-symmetric, §7.2.5.2.1
            || response.Class != StunClass.SuccessResponse || BindingResponder.HasUnknownAttributes(response)
            || !response.TryGetXorAddress(StunAttributeType.XorMappedAddress, out var mapped))
        {
            checkList.HandleFailed(pair);
            return CheckResult.Failed;
        }

        pair.MappedAddress = mapped;
        pair.LastResponseAt = now;
        pair.RoundTripTime = pair.Transaction!.RoundTripTime(now) ?? pair.RoundTripTime;
        checkList.HandleSucceeded(pair);
        return CheckResult.Succeeded;
    }

    private void Start(CandidatePair pair, Instant now)
    {
        // RFC 8445 §14.3: the more checks are under way, the longer a response may take.
        var underWay = checkList.Pairs.Count(static pair => pair.State is PairState.Waiting or PairState.InProgress);
        var timeout = Pacer.Interval * underWay;
        pair.Transaction = new(
            TransactionId.Create(random),
            timeout > StunTransaction.DefaultInitialTimeout ? timeout : StunTransaction.DefaultInitialTimeout,
            maxSends);
        pair.State = PairState.InProgress;
        pair.WasChecked = true;
        pair.TriggeredOrder = 0;
        pacer.HandleStarted(now);
    }
}
