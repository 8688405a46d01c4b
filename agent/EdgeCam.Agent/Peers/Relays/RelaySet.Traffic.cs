using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>What goes through relays, and what their clients tell.</summary>
internal sealed partial class RelaySet
{
    private readonly byte[] _message = new byte[4096]; // a client's own: requests and Send indications

    /// <summary>A datagram that came to the media port; true where it was a TURN server's, and then it is done with.</summary>
    public bool TryHandle(Span<byte> datagram, NetworkPath path, Instant now)
    {
        foreach (var relay in _relays)
        {
            if (relay.Connection is not null || relay.ServerAddress != path.Remote)
                continue;
            var input = relay.Client.HandleDatagram(datagram, now, out var payload, out var peer);
            if (input == TurnInput.NotOurs)
                continue; // the server answers STUN too, which viewers' connections ask
            if (input == TurnInput.Data)
                Deliver(relay, payload, peer, now);
            else
                TakeEvents(relay, now);
            return true; // at once: events change the list
        }

        return false;
    }

    /// <summary>
    /// A message whose path begins at a relayed address. Where the media port carries it to the server, <paramref name="framed"/> says what to
    /// send; all else is done here: handed to a connection, kept until the server permits, or dropped.
    /// </summary>
    public bool TryRoute(Span<byte> message, Transmit transmit, Instant now, out Transmit framed)
    {
        framed = default;
        if (Find(transmit.Path.Local) is not { } relay || !relay.Client.TryFrame(message, transmit, now, out framed))
            return false;
        if (relay.Connection is not { } connection)
            return true;
        for (var at = 0; at < framed.Length; at += framed.SegmentSize)
            connection.TrySend(message[at..Math.Min(at + framed.SegmentSize, framed.Length)]);
        return false;
    }

    /// <summary>What the clients have to say themselves, by the media port; what goes by connections is handed to them.</summary>
    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        foreach (var relay in _relays)
        {
            if (relay.Connection is not { } connection)
            {
                if (relay.Client.TryTransmit(buffer, now, out transmit))
                    return true;
                continue;
            }

            while (relay.Client.TryTransmit(_message, now, out var own))
                connection.TrySend(_message.AsSpan(0, own.Length));
        }

        transmit = default;
        return false;
    }

    /// <summary>An address of ours at a relay: an offer may name it as its candidate.</summary>
    public bool IsOurs(TransportAddress remote) => _relays.Count > 0 && Find(remote) is not null;

    /// <summary>Datagrams that clients and connections dropped so far.</summary>
    public long Dropped
    {
        get
        {
            var dropped = _droppedByEnded;
            foreach (var relay in _relays)
                dropped += relay.Client.Dropped + (relay.Connection?.Dropped ?? 0);
            return dropped;
        }
    }

    private long _droppedByEnded;

    private Relay? Find(TransportAddress relayed)
    {
        foreach (var relay in _relays)
        {
            if (relay.Client.RelayedAddress == relayed)
                return relay;
        }

        return null;
    }

    private void Deliver(Relay relay, Span<byte> payload, TransportAddress peer, Instant now)
    {
        if (relay.IsInUse)
            _users.HandleDatagram(payload, new(relay.Client.RelayedAddress, peer), now);
    }

    /// <summary>What a connection has brought, and whether it has ended.</summary>
    private void Receive(Relay relay, Instant now)
    {
        if (relay.Connection is not { } connection)
            return;
        var hasEnded = connection.HasEnded; // before the rest is taken
        while (connection.TryReceive(out var buffer, out var length))
        {
            if (relay.Client.HandleDatagram(buffer.AsSpan(0, length), now, out var payload, out var peer) == TurnInput.Data)
                Deliver(relay, payload, peer, now);
            connection.Return(buffer);
        }

        if (hasEnded && !relay.Client.HasEnded)
            relay.Client.HandleDisconnected();
    }

    private void TakeEvents(Relay relay, Instant now)
    {
        while (relay.Client.TryGetEvent(out var turnEvent))
        {
            switch (turnEvent)
            {
                case TurnEvent.Allocated allocated:
                    HandleAllocated(relay, allocated, now);
                    break;
                case TurnEvent.CredentialsRefused refused:
                    Retire(relay, refused.ExpiresAt, now);
                    break;
                case TurnEvent.Failed failed:
                    HandleFailed(relay, failed, now);
                    break;
                case TurnEvent.Closed:
                    Remove(relay, now);
                    break;
                default:
                    break;
            }
        }
    }

    private void HandleAllocated(Relay relay, TurnEvent.Allocated allocated, Instant now)
    {
        relay.IsInUse = true;
        relay.AllocatedAt = now;
        relay.Local = new(allocated.Relayed, CandidateType.Relayed, allocated.Mapped);
        _metrics.CountAllocation();
        _log.RelayAllocated(relay.Server.Turn.ToString(), allocated.Relayed.ToString(), (long)(relay.Client.RoundTripTime?.TotalMilliseconds ?? 0));
        _users.AddRelayedAddress(relay.Local, now);
        Settle(now);
    }

    /// <summary>Its server makes another one beside it, which over UDP needs another port: one address of ours has one allocation.</summary>
    private void Retire(Relay relay, Instant end, Instant now)
    {
        relay.IsRetiring = true;
        if (relay.Server.Relay != relay)
            return;
        relay.Server.HandleEnded(relay.StoodFor(now));
        _log.RelayCredentialsRefused(relay.Server.Turn.ToString(), (long)(end - now).TotalSeconds);
    }

    private void HandleFailed(Relay relay, TurnEvent.Failed failed, Instant now)
    {
        var (server, wasAllocated) = (relay.Server, relay.IsInUse);
        Remove(relay, now);
        _metrics.CountFailure(failed.Reason);
        var reason = RelayWords.Failure(server.Turn, failed, wasAllocated);
        if (wasAllocated)
            _log.RelayLost(server.Turn.ToString(), reason);
        if (relay.IsRetiring)
            return; // it has its successor, or that tries

        if (relay.HasMoved && wasAllocated)
            return; // nobody's fault: asked again at once
        server.NeedsOwnSocket = failed.Reason == TurnFailure.AllocationMismatch && !wasAllocated && relay.Connection is null;
        server.Redirect = failed.Alternate;
        var delay = server.HandleFailure(now, Jitter());
        server.HasFailed = !server.NeedsOwnSocket && server.Redirect.IsNone; // these are worth waiting for
        if (server.HasFailed && !wasAllocated)
            server.AddressIndex++; // the same one again after 437 and 300: they lead on
        if (!wasAllocated)
            _log.RelayRefused(server.Turn.ToString(), reason, (long)delay.TotalSeconds);
        if (_wantedSince != Instant.Never)
            Settle(now);
    }

    /// <summary>
    /// The device has other addresses. What came from one that is gone is lost, and what the kernel now sends from another is not the
    /// server's client any more: a refresh tells.
    /// </summary>
    public void HandleAddresses(IReadOnlyList<TransportAddress> hosts, Instant now)
    {
        foreach (var relay in _relays.ToArray())
        {
            relay.MovedAt = now;
            var local = relay.Connection?.Path.Local.WithPort(0) ?? default;
            if (relay.Connection is null || local.IsLoopback || hosts.Any(host => host.WithPort(0) == local))
                relay.Client.Probe(now);
            else
                relay.Client.HandleDisconnected();
            TakeEvents(relay, now);
        }
    }

    private void TakeBack(Relay relay, Instant now)
    {
        if (!relay.IsInUse)
            return;
        relay.IsInUse = false;
        _users.RemoveRelayedAddress(relay.Local.Address, now);
    }

    private void Remove(Relay relay, Instant now)
    {
        TakeBack(relay, now);
        _relays.Remove(relay);
        _droppedByEnded += relay.Client.Dropped + (relay.Connection?.Dropped ?? 0);
        if (relay.Server.Relay == relay)
            relay.Server.HandleEnded(relay.StoodFor(now));
        relay.Dispose();
    }
}
