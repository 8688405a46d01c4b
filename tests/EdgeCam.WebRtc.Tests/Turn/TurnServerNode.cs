using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Turn;

/// <summary>A small TURN server on the virtual network: written from RFC 8656 by itself, so that the client is not tested against its own ideas.</summary>
internal sealed class TurnServerNode : IVirtualNode
{
    private const int Relays = 8;

    private readonly Queue<(byte[] Message, NetworkPath Path)> _out = new();
    private readonly Dictionary<TransportAddress, Allocation> _byClient = [];
    private readonly Dictionary<TransportAddress, Allocation> _byRelay = [];
    private readonly Queue<TransportAddress> _freeRelays = new();
    private readonly TransportAddress _address;
    private int _nonce;

    public TurnServerNode(VirtualNetwork network, TransportAddress address, TransportAddress relay)
    {
        _address = address;
        for (var i = 0; i < Relays; i++)
            _freeRelays.Enqueue(relay.WithPort((ushort)(relay.Port + i)));
        network.Attach(this, [address, .. _freeRelays]);
    }

    public string Username { get; set; } = "alice";

    public string Password { get; set; } = "secret";

    public string Realm { get; set; } = "edgecam.test";

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Answers nothing and relays nothing.</summary>
    public bool IsDead { get; set; }

    /// <summary>Has an error for a request instead of doing what it asks, or 0.</summary>
    public Func<StunMethod, int> Refuse { get; set; } = static _ => 0;

    public TransportAddress Alternate { get; set; }

    /// <summary>Requests as they came: the method, and the lifetime asked for.</summary>
    public List<(StunMethod Method, uint Lifetime, Instant At)> Requests { get; } = [];

    public int SendIndications { get; private set; }

    public int ChannelMessages { get; private set; }

    public int ToNobody { get; private set; }

    public int Allocations => _byClient.Count;

    /// <summary>Whom it sees.</summary>
    public TransportAddress[] Clients => [.. _byClient.Keys];

    public Instant NextTimeout => Instant.Never;

    public int Count(StunMethod method) => Requests.Count(request => request.Method == method);

    public void ChangeNonce() => _nonce++;

    /// <summary>As after a restart.</summary>
    public void Forget()
    {
        foreach (var client in Clients)
            Forget(client);
    }

    public void Forget(TransportAddress client)
    {
        if (!_byClient.Remove(client, out var allocation))
            return;
        _byRelay.Remove(allocation.Relayed);
        _freeRelays.Enqueue(allocation.Relayed);
    }

    public void HandleTimeout(Instant now)
    {
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        transmit = default;
        if (!_out.TryDequeue(out var next))
            return false;
        next.Message.CopyTo(buffer);
        transmit = new(next.Path, next.Message.Length, next.Message.Length);
        return true;
    }

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        if (IsDead)
            return;
        if (path.Local != _address)
            HandlePeer(datagram, path, now);
        else if (datagram[0] >> 6 == 1)
            HandleChannelData(datagram, path, now);
        else if (StunMessageView.TryParse(datagram, out var message))
            HandleClient(message, path, now);
    }

    private void HandlePeer(ReadOnlySpan<byte> datagram, NetworkPath path, Instant now)
    {
        if (!_byRelay.TryGetValue(path.Local, out var allocation) || allocation.ExpiresAt <= now || allocation.Permissions.GetValueOrDefault(path.Remote.WithPort(0)) <= now)
        {
            ToNobody++;
            return;
        }

        var channel = allocation.Channels.FirstOrDefault(bound => bound.Value.Peer == path.Remote && bound.Value.Until > now).Key;
        if (channel != 0)
        {
            var framed = new byte[4 + datagram.Length];
            BinaryPrimitives.WriteUInt16BigEndian(framed, channel);
            BinaryPrimitives.WriteUInt16BigEndian(framed.AsSpan(2), (ushort)datagram.Length);
            datagram.CopyTo(framed.AsSpan(4));
            _out.Enqueue((framed, allocation.Path));
            return;
        }

        var buffer = new byte[datagram.Length + 100];
        var writer = new StunMessageWriter(buffer, StunMethod.Data, StunClass.Indication, new(1, 2));
        writer.AddXorAddress(StunAttributeType.XorPeerAddress, path.Remote);
        writer.Add(StunAttributeType.Data, datagram);
        _out.Enqueue((buffer[..writer.Length], allocation.Path));
    }

    private void HandleChannelData(ReadOnlySpan<byte> datagram, NetworkPath path, Instant now)
    {
        ChannelMessages++;
        var length = BinaryPrimitives.ReadUInt16BigEndian(datagram[2..]);
        Assert.Equal(datagram.Length - 4, length);
        if (_byClient.TryGetValue(path.Remote, out var allocation)
            && allocation.Channels.TryGetValue(BinaryPrimitives.ReadUInt16BigEndian(datagram), out var bound) && bound.Until > now)
            _out.Enqueue((datagram[4..].ToArray(), new(allocation.Relayed, bound.Peer)));
        else
            ToNobody++;
    }

    private void HandleClient(StunMessageView message, NetworkPath path, Instant now)
    {
        _byClient.TryGetValue(path.Remote, out var allocation);
        if (message is { Class: StunClass.Indication, Method: StunMethod.Send })
        {
            SendIndications++;
            Assert.True(message.TryGetXorAddress(StunAttributeType.XorPeerAddress, out var to));
            Assert.True(message.TryGet(StunAttributeType.Data, out var data));
            if (allocation is not null && allocation.Permissions.GetValueOrDefault(to.WithPort(0)) > now)
                _out.Enqueue((data.ToArray(), new(allocation.Relayed, to)));
            else
                ToNobody++;
            return;
        }

        _ = message.TryGetUInt32(StunAttributeType.Lifetime, out var lifetime);
        Requests.Add((message.Method, lifetime, now));
        var nonce = Encoding.ASCII.GetBytes($"nonce-{_nonce}");
        var key = MD5.HashData(Encoding.UTF8.GetBytes($"{Username}:{Realm}:{Password}"));
        if (!message.HasIntegrity || !message.TryGet(StunAttributeType.Username, out var user) || !user.SequenceEqual(Encoding.UTF8.GetBytes(Username)))
        {
            Answer(message, path, 401, challenge: true);
            return;
        }

        message.TryGet(StunAttributeType.Nonce, out var given);
        if (!given.SequenceEqual(nonce) || !message.IsAuthenticatedBy(key))
        {
            Answer(message, path, given.SequenceEqual(nonce) ? 401 : 438, challenge: true);
            return;
        }

        var error = Refuse(message.Method);
        if (error == 0 && message.Method == StunMethod.Allocate)
            error = allocation is not null && allocation.ExpiresAt > now ? 437 : 0;
        else if (error == 0 && (allocation is null || allocation.ExpiresAt <= now))
            error = 437;
        if (error != 0)
        {
            Answer(message, path, error, challenge: false);
            return;
        }

        var buffer = new byte[200];
        var writer = new StunMessageWriter(buffer, message.Method, StunClass.SuccessResponse, message.TransactionId);
        Perform(message, path, now, lifetime, ref allocation, ref writer);
        writer.AddIntegrity(key);
        _out.Enqueue((buffer[..writer.Length], path));
    }

    private void Perform(StunMessageView message, NetworkPath path, Instant now, uint lifetime, ref Allocation? allocation, ref StunMessageWriter writer)
    {
        switch (message.Method)
        {
            case StunMethod.Allocate:
                Assert.True(message.TryGetUInt32(StunAttributeType.RequestedTransport, out var transport) && transport == 17u << 24);
                allocation = new(path, _freeRelays.Dequeue()) { ExpiresAt = now + Lifetime };
                _byClient[path.Remote] = _byRelay[allocation.Relayed] = allocation;
                writer.AddXorAddress(StunAttributeType.XorRelayedAddress, allocation.Relayed);
                writer.AddXorAddress(StunAttributeType.XorMappedAddress, path.Remote);
                writer.AddUInt32(StunAttributeType.Lifetime, (uint)Lifetime.TotalSeconds);
                break;
            case StunMethod.Refresh:
                allocation!.ExpiresAt = lifetime == 0 ? now : now + Lifetime;
                writer.AddUInt32(StunAttributeType.Lifetime, lifetime == 0 ? 0 : (uint)Lifetime.TotalSeconds);
                if (lifetime == 0)
                    Forget(path.Remote);
                break;
            case StunMethod.CreatePermission:
                Assert.True(message.TryGetXorAddress(StunAttributeType.XorPeerAddress, out var permitted));
                allocation!.Permissions[permitted.WithPort(0)] = now + TimeSpan.FromMinutes(5);
                break;
            case StunMethod.ChannelBind:
                Assert.True(message.TryGetXorAddress(StunAttributeType.XorPeerAddress, out var peer));
                Assert.True(message.TryGetUInt32(StunAttributeType.ChannelNumber, out var channel));
                var number = (ushort)(channel >> 16);
                Assert.InRange(number, 0x4000, 0x4FFF);
                Assert.True(!allocation!.Channels.TryGetValue(number, out var bound) || bound.Peer == peer, "a number given to another peer");
                Assert.DoesNotContain(allocation.Channels, other => other.Value.Peer == peer && other.Key != number && other.Value.Until > now);
                allocation.Channels[number] = (peer, now + TimeSpan.FromMinutes(10));
                allocation.Permissions[peer.WithPort(0)] = now + TimeSpan.FromMinutes(5);
                break;
            default:
                Assert.Fail($"unexpected request {message.Method}");
                break;
        }
    }

    private void Answer(StunMessageView request, NetworkPath path, int error, bool challenge)
    {
        var buffer = new byte[300];
        var writer = new StunMessageWriter(buffer, request.Method, StunClass.ErrorResponse, request.TransactionId);
        writer.AddErrorCode((StunErrorCode)error);
        if (challenge)
        {
            writer.AddText(StunAttributeType.Realm, Realm);
            writer.AddText(StunAttributeType.Nonce, $"nonce-{_nonce}");
        }

        if (!Alternate.IsNone)
        {
            byte[] value = [0, 1, 0, 0, 0, 0, 0, 0];
            BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(2), Alternate.Port);
            Alternate.WriteAddress(value.AsSpan(4));
            writer.Add(StunAttributeType.AlternateServer, value);
        }

        _out.Enqueue((buffer[..writer.Length], path));
    }

    private sealed record Allocation(NetworkPath Path, TransportAddress Relayed)
    {
        public Instant ExpiresAt { get; set; }

        public Dictionary<TransportAddress, Instant> Permissions { get; } = [];

        public Dictionary<ushort, (TransportAddress Peer, Instant Until)> Channels { get; } = [];
    }
}
