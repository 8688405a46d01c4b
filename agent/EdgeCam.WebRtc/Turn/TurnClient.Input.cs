using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Turn;

/// <content>What comes from the server: peers' datagrams, and answers to our requests.</content>
public sealed partial class TurnClient
{
    /// <summary>A message from the server, and from nobody else: its owner knows by the socket, or by the address on a shared one.</summary>
    /// <param name="payload">A peer's datagram, where it lies in the message.</param>
    /// <param name="peer">Whose it is.</param>
    public TurnInput HandleDatagram(Span<byte> message, Instant now, out Span<byte> payload, out TransportAddress peer)
    {
        payload = default;
        peer = default;
        if (ChannelData.Is(message))
            return HandleChannelData(message, now, out payload, out peer);
        if (!StunMessageView.TryParse(message, out var stun))
            return TurnInput.NotOurs;

        switch (stun.Class)
        {
            case StunClass.Indication:
                return HandleIndication(message, stun, now, out payload, out peer);
            case StunClass.SuccessResponse or StunClass.ErrorResponse when Find(stun) is { } request:
                HandleResponse(request, stun, now);
                return TurnInput.Taken;
            default:
                return TurnInput.NotOurs;
        }
    }

    private TurnInput HandleChannelData(Span<byte> message, Instant now, out Span<byte> payload, out TransportAddress peer)
    {
        peer = default;
        if (!ChannelData.TryParse(message, out var channel, out payload) || payload.IsEmpty
            || _peers.FindByChannel(channel) is not { } bound || !(bound.IsBound(now) || bound.IsAsked))
        {
            payload = default;
            Discarded++;
            return TurnInput.Taken;
        }

        _heardAt = now;
        peer = bound.Address;
        return TurnInput.Data;
    }

    private TurnInput HandleIndication(Span<byte> message, StunMessageView stun, Instant now, out Span<byte> payload, out TransportAddress peer)
    {
        payload = default;
        peer = default;
        if (stun.Method != StunMethod.Data)
            return TurnInput.NotOurs;
        if (!stun.TryGetXorAddress(StunAttributeType.XorPeerAddress, out peer) || !stun.TryGet(StunAttributeType.Data, out var data) || data.IsEmpty
            || !_peers.IsPermitted(peer, now)) // RFC 8656 §11.4: what nobody asked for is dropped
        {
            Discarded++;
            return TurnInput.Taken;
        }

        _heardAt = now;
        ((ReadOnlySpan<byte>)message).Overlaps(data, out var offset);
        payload = message.Slice(offset, data.Length);
        return TurnInput.Data;
    }

    private TurnRequest? Find(StunMessageView response)
    {
        foreach (var request in _requests)
        {
            if (request.Transaction.Id == response.TransactionId && request.Method == response.Method && request.Transaction.SentAt != default)
                return request;
        }

        return null;
    }

    private void HandleResponse(TurnRequest request, StunMessageView response, Instant now)
    {
        // Whoever has no key cannot make a success. An error may come without integrity: servers send some before they know who asks.
        var mustProve = response.Class == StunClass.SuccessResponse || response.HasIntegrity;
        if (mustProve && request.IsAuthenticated && !response.IsAuthenticatedBy(_credential.Key))
        {
            Unauthenticated++;
            return;
        }

        _heardAt = now;
        _requests.Remove(request);
        if (response.Class == StunClass.SuccessResponse)
            HandleSuccess(request, response, now);
        else
            HandleError(request, response, now);
    }

    private void HandleSuccess(TurnRequest request, StunMessageView response, Instant now)
    {
        switch (request.Kind)
        {
            case TurnRequestKind.Allocate:
                HandleAllocated(request, response, now);
                break;
            case TurnRequestKind.Refresh:
                RoundTripTime = request.Transaction.RoundTripTime(now) ?? RoundTripTime;
                SetLifetime(request, response, now);
                break;
            case TurnRequestKind.Release:
                End(new TurnEvent.Closed());
                break;
            case TurnRequestKind.CreatePermission:
                TurnPeerTable.HandlePermitted(request.Permission!, request.BeganAt);
                break;
            default:
                TurnPeerTable.HandleBound(request.Peer!, request.BeganAt);
                break;
        }
    }

    private void HandleAllocated(TurnRequest request, StunMessageView response, Instant now)
    {
        if (!response.TryGetXorAddress(StunAttributeType.XorRelayedAddress, out var relayed) || !relayed.IsUnicast)
        {
            End(TurnFailure.Refused, 0);
            return;
        }

        _ = response.TryGetXorAddress(StunAttributeType.XorMappedAddress, out var mapped);
        _state = State.Allocated;
        RelayedAddress = relayed;
        RoundTripTime = request.Transaction.RoundTripTime(now);
        _silentAt = now + s_silence;
        SetLifetime(request, response, now);
        if (_state == State.Allocated)
            _events.Enqueue(new TurnEvent.Allocated(relayed, mapped));
    }

    /// <summary>Half the lifetime is left for attempts to refresh it, or for another allocation where the server refuses.</summary>
    private void SetLifetime(TurnRequest request, StunMessageView response, Instant now)
    {
        if (!response.TryGetUInt32(StunAttributeType.Lifetime, out var seconds))
            seconds = (uint)s_defaultLifetime.TotalSeconds;
        var lifetime = TimeSpan.FromSeconds(Math.Min(seconds, s_maxLifetime.TotalSeconds));
        if (lifetime <= TimeSpan.Zero)
        {
            End(TurnFailure.Expired, 0);
            return;
        }

        KnownAt = request.BeganAt;
        _expiresAt = request.BeganAt + lifetime;
        _refreshAt = Instant.Max(now, request.BeganAt + (lifetime / 2));
    }

    private void HandleError(TurnRequest request, StunMessageView response, Instant now)
    {
        if (!response.TryGetErrorCode(out var code))
            code = default;
        // A nonce may be stale, and some servers say so by 401 (RFC 8489 §9.2.4). Whoever refuses a good nonce refuses the password.
        var mayAskAgain = code == StunErrorCode.StaleNonce
            || (code == StunErrorCode.Unauthenticated && (!request.IsAuthenticated || request.Kind != TurnRequestKind.Allocate));
        var attempts = code == StunErrorCode.StaleNonce ? TurnRequest.MaxAttempts : 2;
        if (mayAskAgain && request.Attempt < attempts && _credential.TryChallenge(response, request.Nonce.Span))
        {
            _requests.Add(TurnRequest.Create(request.Kind, _options, now, request.Permission, request.Peer, request.Attempt + 1));
            return;
        }

        switch (request.Kind)
        {
            case TurnRequestKind.Allocate:
                _ = response.TryGetAddress(StunAttributeType.AlternateServer, out var alternate);
                End(ToFailure(code, alternate), (int)code, alternate);
                break;
            case TurnRequestKind.Release:
                End(new TurnEvent.Closed());
                break;
            case var _ when code == StunErrorCode.AllocationMismatch: // the server was started anew, or let go of it
                End(TurnFailure.AllocationMismatch, (int)code);
                break;
            case TurnRequestKind.Refresh:
                _refreshAt = Instant.Max(now + s_silence, _refreshAt);
                RefuseCredentials();
                break;
            default:
                HandleRefused(request, now);
                if (code is StunErrorCode.Unauthenticated or StunErrorCode.WrongCredentials)
                    RefuseCredentials();
                break;
        }
    }

    private void HandleUnanswered(TurnRequest request, Instant now)
    {
        _requests.Remove(request);
        switch (request.Kind)
        {
            case TurnRequestKind.Release:
                End(new TurnEvent.Closed());
                break;
            case TurnRequestKind.Allocate:
            case var _ when _heardAt < request.BeganAt: // nothing else came from the server either
                End(TurnFailure.NoAnswer, 0);
                break;
            case TurnRequestKind.Refresh:
                break; // due as before, so asked for again at once
            default:
                HandleRefused(request, now);
                break;
        }
    }

    /// <summary>No permission or channel came of it: what waits for it would wait for nothing, or go out stale after the next one.</summary>
    private void HandleRefused(TurnRequest request, Instant now)
    {
        if (request.Peer is { } peer)
            TurnPeerTable.HandleNotBound(peer, now);
        else
            TurnPeerTable.HandleNotPermitted(request.Permission!, now);
        if (!request.Permission!.IsInstalled(now))
            _indications.Remove(request.Permission);
    }

    private void RefuseCredentials()
    {
        if (_wereCredentialsRefused)
            return;
        _wereCredentialsRefused = true;
        _events.Enqueue(new TurnEvent.CredentialsRefused(_expiresAt));
    }

    private static TurnFailure ToFailure(StunErrorCode code, TransportAddress alternate) => code switch
    {
        StunErrorCode.TryAlternate when alternate.IsUnicast => TurnFailure.Redirected,
        StunErrorCode.Unauthenticated or StunErrorCode.WrongCredentials or StunErrorCode.StaleNonce => TurnFailure.Unauthorized,
        StunErrorCode.Forbidden => TurnFailure.Forbidden,
        StunErrorCode.AllocationMismatch => TurnFailure.AllocationMismatch,
        StunErrorCode.UnsupportedTransport => TurnFailure.UnsupportedTransport,
        StunErrorCode.AllocationQuotaReached => TurnFailure.QuotaReached,
        StunErrorCode.InsufficientCapacity => TurnFailure.InsufficientCapacity,
        _ => TurnFailure.Refused,
    };
}
