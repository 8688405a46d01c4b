using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Ice;

/// <summary>
/// One end of ICE: one data stream with one component (rtcp-mux and BUNDLE), full, both roles (RFC 8445, 8838, 8839, 7675). Datagrams and
/// time go in; datagrams, events and a deadline come out. The owner drains <see cref="TryTransmit"/> after each call that takes a time.
/// </summary>
/// <remarks>
/// <para>Which path is used: before nomination the valid pair of highest priority (RFC 8445 §12.1), afterwards the nominated one. A browser
/// may nominate again: the newest nomination wins; of several within a second, which is what aggressive nomination (RFC 5245) looks like,
/// the one of highest priority.</para>
/// <para>Left out or different: being lite; more than one component or stream; TCP candidates (RFC 6544); mDNS
/// names, whose pairs are found as peer-reflexive unless the owner resolves them; allocations, which the owner makes and brings as addresses; local peer-reflexive
/// candidates are not listed, since they are never paired, but <see cref="IceEvent.SelectedPairChanged"/> names the type; a triggered check
/// on a pair in progress sends the same transaction again instead of a second one (§7.3.1.4), so that a round trip longer than the peer's
/// interval cannot make us forget the request that it answers; the failure timer is that of RFC 8863 whether or not end-of-candidates came.</para>
/// </remarks>
public sealed partial class IceAgent
{
    private const int MaxCredentialLength = 256; // RFC 8839 §5.4

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(39.5); // RFC 8863 §4: a peer-reflexive pair may still appear

    private readonly LocalCandidates _local;
    private readonly IceEventQueue _events = new();
    private readonly Pacer _pacer;
    private readonly RoleAgreement _roles;
    private readonly CheckList _checkList;
    private readonly RemoteCandidates _remoteCandidates;
    private readonly ConnectivityChecks _checks;
    private readonly BindingResponder _responder = new();
    private readonly PairSelection _selection;
    private readonly ServerReflexiveGatherer _gatherer;

    private IceCredentials _localCredentials;
    private IceCredentials? _remoteCredentials;
    private ShortTermCredential _incoming;        // what the peer's requests prove
    private ShortTermCredential? _formerIncoming; // the same before the last restart
    private Instant _giveUpAt = Instant.Never;
    private bool _isPatienceOver;
    private bool _hasFailed;
    private bool _mayGetAddresses;
    private bool _wasGatheringReported;
    private long _unauthenticatedResponses;

    public IceAgent(IceAgentOptions options, Instant now)
    {
        _local = new(options.LocalCredentials.UsernameFragment, options.HidesHostAddresses, options.Advertised ?? [], _events);
        foreach (var address in options.HostAddresses)
            _local.Add(new(address));
        while (_events.TryGet(out _))
        {
            // the candidates that are there from the start are in the description
        }

        _pacer = new(now);
        _roles = new(options.Role, options.Random);
        _checkList = new(options.MaxPairs, options.Role);
        _remoteCandidates = new(_local.Bases, _checkList);
        _checks = new(_checkList, _roles, _pacer, options.Random, options.MaxChecks);
        _selection = new(_checkList, _roles, options.Random, _events);
        _gatherer = new(options.StunServers ?? [], options.Random);
        _local.Bases.ForEach(_gatherer.Add);
        _mayGetAddresses = options.MoreAddressesFollow;
        _wasGatheringReported = IsGatheringCompleted;
        _localCredentials = options.LocalCredentials;
        _incoming = ToIncoming(_localCredentials);
        Settle(now);
    }

    public IceRole Role => _roles.Role;

    public IceState State =>
        _hasFailed ? IceState.Failed
        : _selection.Selected is not null ? IceState.Connected
        : _remoteCredentials is null ? IceState.New
        : IceState.Checking;

    /// <summary>Host candidates from the start, server-reflexive and relayed ones as they are found.</summary>
    public IReadOnlyList<Candidate> LocalCandidates => _local.All;

    public bool IsGatheringCompleted => _gatherer.IsCompleted && !_mayGetAddresses;

    /// <summary>Where to send, or null where nothing may be sent. A copy, since each message asks for it.</summary>
    public NetworkPath? SelectedPath { get; private set; }

    /// <summary>False where there is none, or it is that of before a restart.</summary>
    public bool IsSelectedCurrent => _selection.IsSelectedCurrent;

    /// <summary>True where <see cref="SelectedPath"/> begins at a relayed address.</summary>
    public bool IsSelectedRelayed { get; private set; }

    /// <summary>Of the selected pair's last measured check.</summary>
    public TimeSpan? RoundTripTime => _selection.Selected?.RoundTripTime;

    public Instant NextTimeout { get; private set; }

    /// <summary>Datagrams that were no STUN message, or none that we wait for.</summary>
    public long Discarded { get; private set; }

    /// <summary>Requests and responses without the right credentials.</summary>
    public long Unauthenticated => _unauthenticatedResponses + _responder.Unauthenticated;

    /// <summary>Responses that the bounded queue lost.</summary>
    public long DroppedResponses => _responder.DroppedResponses;

    /// <summary>Remote candidates and pairs that were left out: unusable, of another generation, or beyond a bound.</summary>
    public long DroppedCandidates => _remoteCandidates.Dropped;

    /// <summary>Whether datagrams from this address of ours go through a TURN server.</summary>
    public bool IsRelayed(TransportAddress local) => _local.Find(local)?.Type == CandidateType.Relayed;

    /// <summary>The part of a request's USERNAME that names its receiver, by which the owner of a shared port finds the agent.</summary>
    public static bool TryGetUsernameFragment(ReadOnlySpan<byte> datagram, out ReadOnlySpan<byte> usernameFragment)
    {
        usernameFragment = default;
        if (!StunMessageView.TryParse(datagram, out var message) || message.Class != StunClass.Request
            || !message.TryGet(StunAttributeType.Username, out var username))
            return false;
        var colon = username.IndexOf((byte)':');
        if (colon < 0)
            return false;
        usernameFragment = username[..colon];
        return true;
    }

    /// <summary>Whether the datagram is the response to a request of this agent: how the owner of a shared port finds its receiver.</summary>
    public bool IsResponseToUs(ReadOnlySpan<byte> datagram)
    {
        if (!StunMessageView.TryParse(datagram, out var message) || message.Class is StunClass.Request or StunClass.Indication)
            return false;
        var id = message.TransactionId;
        return _checks.FindInProgress(id) is not null || _gatherer.IsOutstanding(id) || _selection.Consent?.IsOutstanding(id) == true;
    }

    /// <summary>
    /// Whether DTLS and media are accepted from this path: our own check on exactly this pair succeeded, or the peer's authenticated request
    /// came on it. The latter proves that the sender holds our password and is not a blind attacker, and saves a round trip (RFC 8445 §12.2
    /// wants an agent ready to receive then). To send, a pair must be valid: see <see cref="SelectedPath"/>.
    /// </summary>
    public bool IsValidated(NetworkPath path) =>
        _selection.Selected?.Path == path || (_checkList.Find(path) is { } pair && (pair.IsValid || pair.IsRequested));

    /// <summary>Whether our own check on exactly this pair succeeded: whoever is at the other end receives there what we send.</summary>
    public bool IsConfirmed(NetworkPath path) => _selection.Selected?.Path == path || _checkList.Find(path)?.IsValid == true;

    /// <summary>What the peer's description says. Candidates that came before are taken up now.</summary>
    /// <returns>False where they are malformed, or there are others already: those change by <see cref="Restart"/> only.</returns>
    public bool SetRemoteCredentials(IceCredentials credentials, bool isLite, Instant now)
    {
        if (_remoteCredentials is { } known)
            return known == credentials;
        if (_hasFailed
            || credentials.UsernameFragment is not { Length: > 0 and <= MaxCredentialLength }
            || credentials.Password is not { Length: > 0 and <= MaxCredentialLength })
            return false;

        _remoteCredentials = credentials;
        _checks.Credential = new($"{credentials.UsernameFragment}:{_localCredentials.UsernameFragment}", credentials.Password);
        if (isLite && Role == IceRole.Controlled) // RFC 8445 §6.1.1: of the two the full agent controls
            _roles.Switch();
        BeginPatience(now);
        _remoteCandidates.Begin(credentials.UsernameFragment);
        Settle(now);
        return true;
    }

    /// <summary>
    /// A candidate of the peer, from its description or trickled. One that comes before the credentials of its generation waits for them.
    /// </summary>
    public void AddRemoteCandidate(Candidate candidate, Instant now)
    {
        _remoteCandidates.Add(candidate);
        Settle(now);
    }

    /// <summary>The peer has no more candidates (RFC 8838 §13): a controlling agent need not wait for better ones.</summary>
    public void SetEndOfRemoteCandidates() => _selection.HasAllRemoteCandidates = true;

    /// <summary>
    /// Begins anew with other credentials (RFC 8445 §9); the peer's new ones follow by <see cref="SetRemoteCredentials"/>. The selected path
    /// stays in use, with consent by the former credentials, until a new pair is valid.
    /// </summary>
    /// <returns>False where the credentials are the present ones.</returns>
    public bool Restart(IceCredentials newLocal)
    {
        if (newLocal == _localCredentials)
            return false;

        _formerIncoming = _hasFailed ? null : _incoming; // what lost consent is not answered again, RFC 7675 §5.1
        _localCredentials = newLocal;
        _incoming = ToIncoming(newLocal);
        _remoteCredentials = null;
        _checks.Credential = null;
        _remoteCandidates.End();
        _roles.HandleRestart();
        _selection.HandleRestart();
        _giveUpAt = Instant.Never;
        _isPatienceOver = _hasFailed = false;
        _local.HandleRestart(newLocal.UsernameFragment);
        _gatherer.HandleRestart(_local.Bases); // a NAT may map us otherwise by now
        _wasGatheringReported = IsGatheringCompleted;
        NextTimeout = default; // the servers are asked now, not when consent is due
        return true;
    }

    public void HandleDatagram(ReadOnlySpan<byte> datagram, NetworkPath path, Instant now)
    {
        if (_hasFailed || !path.Remote.IsUnicast
            || !StunMessageView.TryParse(datagram, out var message) || message.Method != StunMethod.Binding)
        {
            Discarded++;
            return;
        }

        if (message.Class == StunClass.Request)
            HandleRequest(message, path, now);
        else if (message.Class != StunClass.Indication) // a keepalive asks for nothing, RFC 8445 §11
            HandleResponse(message, path, now);
        Settle(now);
    }

    public void HandleTimeout(Instant now)
    {
        if (now < NextTimeout)
            return;

        _gatherer.HandleTimeout(now);
        foreach (var pair in _checkList.Pairs)
        {
            if (pair.State == PairState.InProgress && pair.Transaction!.HasFailed(now))
            {
                _checkList.HandleFailed(pair);
                _selection.HandleFailed(pair, _checks.Credential!, now);
            }
        }

        if (now >= _giveUpAt)
        {
            _giveUpAt = Instant.Never;
            _isPatienceOver = true;
        }

        if (_selection.ExpireConsent(_checks.Credential, now))
            Fail(new IceEvent.ConsentExpired());
        Settle(now);
    }

    /// <summary>Writes one datagram; the buffer holds at least 1200 bytes.</summary>
    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        if (now < NextTimeout)
            return false; // the way of each media packet: nothing of ours is due

        var isWritten = _responder.TryTransmit(buffer, out transmit)
            || _checks.TryTransmit(buffer, now, out transmit)
            || TryTransmitConsentCheck(buffer, now, out transmit)
            || _gatherer.TryTransmit(buffer, _pacer, now, out transmit);
        UpdateTimeout(now);
        return isWritten;
    }

    public bool TryGetEvent(out IceEvent? iceEvent) => _events.TryGet(out iceEvent);

    private static ShortTermCredential ToIncoming(IceCredentials credentials) => new($"{credentials.UsernameFragment}:", credentials.Password);

    /// <summary>RFC 8445 §7.3.</summary>
    private void HandleRequest(StunMessageView request, NetworkPath path, Instant now)
    {
        if (_local.Find(path.Local) is not { } local)
        {
            Discarded++;
            return;
        }

        if (_responder.Authenticate(request, _incoming, _formerIncoming) is not { } credential)
            return;

        if (BindingResponder.HasUnknownAttributes(request))
        {
            _responder.Refuse(request, path, StunErrorCode.UnknownAttribute, credential);
            return;
        }

        if (!request.TryGetUInt32(StunAttributeType.Priority, out var priority))
        {
            _responder.Refuse(request, path, StunErrorCode.BadRequest, credential);
            return;
        }

        if (credential != _incoming)
        {
            _responder.Accept(request, path, credential); // the former generation: consent, and no more
            return;
        }

        if (!_roles.TryAgree(request))
        {
            _responder.Refuse(request, path, StunErrorCode.RoleConflict, credential);
            return;
        }

        _checkList.Role = Role;
        _responder.Accept(request, path, credential);
        if ((_checkList.Find(path) ?? _remoteCandidates.AddPeerReflexive(local, path.Remote, priority)) is not { } pair)
            return;

        pair.IsRequested = true;
        if (Role == IceRole.Controlled && request.Has(StunAttributeType.UseCandidate))
            _selection.HandleNomination(pair, _checks.Credential, now);
        TriggerCheck(pair, now);
    }

    /// <summary>RFC 8445 §7.3.1.4: where the peer's check came through, ours will.</summary>
    private void TriggerCheck(CandidatePair pair, Instant now)
    {
        if (pair.State != PairState.InProgress)
        {
            if (pair.State != PairState.Succeeded || pair.NominatedAt is not null) // nominated, but too old to be used unchecked
                _checkList.Trigger(pair);
        }
        else if (now - pair.Transaction!.SentAt >= Pacer.Interval)
        {
            pair.Transaction.SendAgain();
        }
    }

    private void HandleResponse(StunMessageView response, NetworkPath path, Instant now)
    {
        if (_selection.Consent is { } consent && consent.IsOutstanding(response.TransactionId))
        {
            if (!response.IsAuthenticatedBy(consent.Credential.Key))
                _unauthenticatedResponses++;
            else if (response.Class == StunClass.SuccessResponse && path == consent.Pair.Path)
                consent.HandleResponse(response.TransactionId, now);
            else
                Discarded++;
            return;
        }

        if (_gatherer.TryHandleResponse(response, path, out var local, out var mapped))
        {
            _local.AddServerReflexive(local!, mapped);
            return;
        }

        switch (_checks.HandleResponse(response, path, now, out var pair))
        {
            case CheckResult.Unexpected: Discarded++; break;
            case CheckResult.Unauthenticated: _unauthenticatedResponses++; break;
            case CheckResult.Failed: _selection.HandleFailed(pair!, _checks.Credential!, now); break;
            case CheckResult.Succeeded: _selection.HandleValid(pair!, _checks.Credential!, now); break;
            default: break;
        }
    }

    private bool TryTransmitConsentCheck(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        if (_selection.Consent is not { } consent || now < consent.NextCheckAt || consent.HasExpired(now))
            return false;
        if (consent.TryBeginDoubt(now))
            _checkList.Renew(consent.Pair); // so that there is another pair by the time that this one is given up
        transmit = _checks.Write(buffer, consent.Pair, consent.HandleSent(now), consent.Credential);
        return true;
    }

    /// <summary>Draws the consequences of what has just happened.</summary>
    private void Settle(Instant now)
    {
        if (IsGatheringCompleted && !_wasGatheringReported)
        {
            _wasGatheringReported = true;
            _events.Offer(new IceEvent.GatheringCompleted());
        }

        _checkList.Role = Role;
        _selection.NominateWhenReady(now);
        if (State == IceState.Checking && _isPatienceOver && !_checkList.Pairs.Any(static pair => pair.IsUnfinished))
            Fail(new IceEvent.Failed());
        SelectedPath = _selection.Selected?.Path;
        IsSelectedRelayed = _selection.Selected?.Local.Type == CandidateType.Relayed;
        UpdateTimeout(now);
    }

    private void Fail(IceEvent reason)
    {
        _hasFailed = true;
        _remoteCandidates.End();
        _selection.Clear();
        _events.Offer(reason);
    }

    private void UpdateTimeout(Instant now) => NextTimeout =
        !_responder.IsIdle ? now
        : Instant.Min(
            Instant.Min(_checks.NextTimeout(now), _selection.NextTimeout),
            Instant.Min(_gatherer.NextTimeout(_pacer), _hasFailed ? Instant.Never : _giveUpAt));
}
