using System.Diagnostics.CodeAnalysis;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Turn;

/// <summary>
/// One allocation at a TURN server: a transport address there at which peers are reached (RFC 8656). Messages and time go in; messages,
/// events and a deadline come out. Whether UDP, TCP or TLS carries the messages is its owner's; so is which peers share it.
/// </summary>
/// <remarks>
/// <para>A server that no longer answers is noticed within 26 seconds: after ten seconds of silence either way it is asked to refresh the
/// allocation, which also keeps NAT bindings alive (RFC 8656 §3.9 leaves the means open; every server answers this one).</para>
/// <para>Left out: TCP allocations to peers (RFC 6062), IPv6 relayed addresses and pairs of them (REQUESTED-ADDRESS-FAMILY), EVEN-PORT and
/// reservation tokens, DONT-FRAGMENT, ICMP attributes, mobility (RFC 8016), third-party authorization (RFC 7635), and following an
/// alternate server, which is a new client's.</para>
/// </remarks>
public sealed partial class TurnClient
{
    private const uint UdpTransport = 17u << 24; // REQUESTED-TRANSPORT, RFC 8656 §18.7

    private static readonly TimeSpan s_defaultLifetime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan s_maxLifetime = TimeSpan.FromHours(1); // §7.2 has it as the server's limit; a larger one is not believed
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(10);

    private readonly TurnClientOptions _options;
    private readonly LongTermCredential _credential;
    private readonly TurnPeerTable _peers;
    private readonly IndicationQueue _indications = new();
    private readonly List<TurnRequest> _requests = [];
    private readonly Queue<TurnEvent> _events = new();

    private State _state = State.Allocating;
    private Instant _expiresAt = Instant.Never;
    private Instant _refreshAt = Instant.Never;
    private Instant _silentAt = Instant.Never; // looked at when due: a datagram moves only the two below
    private Instant _heardAt;
    private Instant _sentAt;
    private bool _wereCredentialsRefused;
    private long _dropped;

    /// <summary>Begins to allocate at once.</summary>
    public TurnClient(TurnClientOptions options, Instant now)
    {
        _options = options;
        _credential = new(options.Username, options.Password);
        _peers = new(options.MaxPeers);
        _requests.Add(TurnRequest.Create(TurnRequestKind.Allocate, options, now));
    }

    /// <summary>What peers see as our address; none before <see cref="TurnEvent.Allocated"/>.</summary>
    public TransportAddress RelayedAddress { get; private set; }

    public bool IsAllocated => _state == State.Allocated;

    /// <summary>True after the last event.</summary>
    public bool HasEnded => _state == State.Ended;

    /// <summary>From asking to allocate to the answer, where it was asked once; later of the refreshes.</summary>
    public TimeSpan? RoundTripTime { get; private set; }

    /// <summary>The server knew us at this time, at the address that the network then gave us: it has answered what was first sent then.</summary>
    public Instant KnownAt { get; private set; }

    /// <summary>Peers that were sent to lately.</summary>
    public int PeerCount => _peers.Count;

    public int ChannelCount => _peers.ChannelCount;

    /// <summary>Datagrams for peers that were not sent: too many wait, no permission, no room.</summary>
    public long Dropped => _dropped + _indications.Dropped;

    /// <summary>Messages from the server that made no sense, or came from a peer that nobody asked for.</summary>
    public long Discarded { get; private set; }

    /// <summary>Responses without the right integrity.</summary>
    public long Unauthenticated { get; private set; }

    public Instant NextTimeout
    {
        get
        {
            if (_state == State.Ended)
                return Instant.Never;
            var next = Instant.Never;
            foreach (var request in _requests)
                next = Instant.Min(next, request.Transaction.NextTimeout);
            if (_state != State.Allocated)
                return next;
            next = Instant.Min(next, Instant.Min(_expiresAt, _peers.NextTimeout));
            return IsAsked(TurnRequestKind.Refresh) ? next : Instant.Min(next, Instant.Min(_refreshAt, _silentAt));
        }
    }

    /// <summary>
    /// Makes messages to the server of datagrams to a peer (the path's remote address). Where the peer has a channel, its header is written
    /// into the headroom of each datagram. Where not, the datagrams are copied, come out of <see cref="TryTransmit"/> once the server
    /// permits, and what is more than STUN asks for a channel.
    /// </summary>
    /// <param name="message">What <paramref name="transmit"/> describes.</param>
    /// <returns>True where <paramref name="framed"/> is to be sent to the server.</returns>
    public bool TryFrame(Span<byte> message, Transmit transmit, Instant now, out Transmit framed)
    {
        framed = default;
        var segments = Math.Max(1, (transmit.Length + transmit.SegmentSize - 1) / Math.Max(1, transmit.SegmentSize));
        var remote = transmit.Path.Remote;
        if (_state != State.Allocated || remote.IsIPv4 != RelayedAddress.IsIPv4 || _peers.GetOrAdd(remote, now) is not { } peer)
        {
            _dropped += segments;
            return false;
        }

        peer.LastUsedAt = peer.Permission.LastUsedAt = now;
        if (peer.IsBound(now) && transmit.Headroom == ChannelData.HeaderSize)
        {
            for (var at = 0; at < transmit.Length; at += transmit.SegmentSize)
                ChannelData.WriteHeader(message[at..Math.Min(at + transmit.SegmentSize, transmit.Length)], peer.Channel);
            framed = transmit with { Path = _options.Server };
            _sentAt = now;
            return true;
        }

        if (!TryAskFor(peer, isStun: message[transmit.Headroom] <= 3, now))
        {
            _dropped += segments;
            return false;
        }

        for (var at = 0; at < transmit.Length; at += transmit.SegmentSize)
            _indications.Offer(peer, message[(at + transmit.Headroom)..Math.Min(at + transmit.SegmentSize, transmit.Length)]);
        return false;
    }

    public void HandleTimeout(Instant now)
    {
        for (var i = _requests.Count - 1; i >= 0; i--)
        {
            if (_state != State.Ended && _requests[i].Transaction.HasFailed(now))
                HandleUnanswered(_requests[i], now);
        }

        if (_state != State.Allocated)
            return;
        if (now >= _expiresAt)
        {
            End(TurnFailure.Expired, 0);
            return;
        }

        if (now >= _silentAt)
            _silentAt = Instant.Min(_heardAt, _sentAt) + s_silence;
        if ((now >= _silentAt || now >= _refreshAt) && !IsAsked(TurnRequestKind.Refresh))
            _requests.Add(TurnRequest.Create(TurnRequestKind.Refresh, _options, now));
        while (_peers.NextTimeout <= now && _peers.TryTakeDue(now, out var permission, out var peer))
        {
            if (peer is not null)
                Bind(peer, now);
            else
                Permit(permission!, now);
        }
    }

    /// <summary>Writes the next message to the server; 2 KiB hold it.</summary>
    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        if (_state == State.Ended)
            return false;
        foreach (var request in _requests)
        {
            if (!request.Transaction.IsSendDue(now))
                continue;
            request.Transaction.HandleSent(now);
            return Sent(Write(request, buffer), now, out transmit);
        }

        if (_state != State.Allocated || !_indications.TryTake(now, out var peer, out var datagram))
            return false;
        var writer = new StunMessageWriter(buffer, StunMethod.Send, StunClass.Indication, TransactionId.Create(_options.Random));
        writer.AddXorAddress(StunAttributeType.XorPeerAddress, peer);
        writer.Add(StunAttributeType.Data, datagram);
        return Sent(writer.Length, now, out transmit);
    }

    public bool TryGetEvent([NotNullWhen(true)] out TurnEvent? turnEvent) => _events.TryDequeue(out turnEvent);

    /// <summary>Asks at once whether the server still knows the allocation, as after ten seconds of silence.</summary>
    public void Probe(Instant now)
    {
        if (_state == State.Allocated && !IsAsked(TurnRequestKind.Refresh))
            _requests.Add(TurnRequest.Create(TurnRequestKind.Refresh, _options, now));
    }

    /// <summary>Gives the allocation back; <see cref="TurnEvent.Closed"/> tells when, after 5.5 s at the latest.</summary>
    public void Close(Instant now)
    {
        if (_state is State.Releasing or State.Ended)
            return;
        if (_state == State.Allocating)
        {
            End(new TurnEvent.Closed());
            return;
        }

        _state = State.Releasing;
        _requests.Clear();
        _requests.Add(TurnRequest.Create(TurnRequestKind.Release, _options, now));
    }

    /// <summary>The stream to the server has ended.</summary>
    public void HandleDisconnected()
    {
        if (_state == State.Releasing)
            End(new TurnEvent.Closed());
        else
            End(TurnFailure.NoAnswer, 0);
    }

    private int Write(TurnRequest request, Span<byte> buffer)
    {
        var writer = new StunMessageWriter(buffer, request.Method, StunClass.Request, request.Transaction.Id);
        switch (request.Kind)
        {
            case TurnRequestKind.Allocate:
                writer.AddUInt32(StunAttributeType.RequestedTransport, UdpTransport);
                writer.AddUInt32(StunAttributeType.Lifetime, (uint)(_options.Lifetime ?? s_defaultLifetime).TotalSeconds);
                break;
            case TurnRequestKind.Refresh:
                writer.AddUInt32(StunAttributeType.Lifetime, (uint)(_options.Lifetime ?? s_defaultLifetime).TotalSeconds);
                break;
            case TurnRequestKind.Release:
                writer.AddUInt32(StunAttributeType.Lifetime, 0);
                break;
            case TurnRequestKind.CreatePermission:
                writer.AddXorAddress(StunAttributeType.XorPeerAddress, request.Permission!.Address);
                break;
            default:
                writer.AddUInt32(StunAttributeType.ChannelNumber, (uint)request.Peer!.Channel << 16);
                writer.AddXorAddress(StunAttributeType.XorPeerAddress, request.Peer.Address);
                break;
        }

        if (request.Nonce.IsEmpty && _credential.IsChallenged)
            request.Nonce = _credential.Nonce;
        if (request.IsAuthenticated)
            _credential.Write(ref writer, request.Nonce.Span);
        return writer.Length;
    }

    private bool Sent(int length, Instant now, out Transmit transmit)
    {
        _sentAt = now;
        transmit = new(_options.Server, length, length);
        return true;
    }

    /// <summary>Asks for what the peer's datagrams need and is not there yet; false where the server has refused it.</summary>
    private bool TryAskFor(TurnPeer peer, bool isStun, Instant now)
    {
        if (!isStun && !peer.IsAsked && !peer.IsBound(now) && now >= peer.RefusedUntil && _peers.TryAssignChannel(peer))
            Bind(peer, now);
        var permission = peer.Permission;
        if (permission.IsInstalled(now) || permission.IsAsked || peer.IsAsked)
            return true;
        if (now < permission.RefusedUntil)
            return false;
        Permit(permission, now);
        return true;
    }

    private void Permit(TurnPermission permission, Instant now)
    {
        permission.IsAsked = true;
        _requests.Add(TurnRequest.Create(TurnRequestKind.CreatePermission, _options, now, permission));
    }

    /// <summary>A binding installs or refreshes the permission too (RFC 8656 §12).</summary>
    private void Bind(TurnPeer peer, Instant now)
    {
        peer.IsAsked = true;
        _requests.Add(TurnRequest.Create(TurnRequestKind.ChannelBind, _options, now, peer.Permission, peer));
    }

    private bool IsAsked(TurnRequestKind kind)
    {
        foreach (var request in _requests)
        {
            if (request.Kind == kind)
                return true;
        }

        return false;
    }

    private void End(TurnFailure reason, int code, TransportAddress alternate = default) => End(new TurnEvent.Failed(reason, code, alternate));

    private void End(TurnEvent last)
    {
        if (_state == State.Ended)
            return;
        _state = State.Ended;
        _requests.Clear();
        _events.Enqueue(last);
    }

    private enum State
    {
        Allocating,
        Allocated,
        Releasing,
        Ended,
    }
}
