using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.WebRtc.Tests.Turn;

/// <summary>A client on the virtual network, with what its owner would keep.</summary>
internal sealed class TurnNode : IVirtualNode
{
    private readonly VirtualNetwork _network;
    private readonly TransportAddress _server;
    private readonly Queue<(byte[] Message, Transmit Transmit)> _framed = new();

    public TurnNode(VirtualNetwork network, TransportAddress local, TransportAddress server, string password = "secret", bool isStream = false, int maxPeers = 1024)
    {
        (_network, _server) = (network, server);
        Client = new(new(new(local, server), isStream, "alice", password, new SeededRandom(5), MaxPeers: maxPeers), network.Now);
        network.Attach(this, local);
    }

    public TurnClient Client { get; }

    public List<TurnEvent> Events { get; } = [];

    public List<(byte[] Data, TransportAddress Peer)> Received { get; } = [];

    public Instant NextTimeout => Client.NextTimeout;

    public TurnEvent.Failed? Failure => Events.OfType<TurnEvent.Failed>().SingleOrDefault();

    public void Send(byte[] datagram, TransportAddress peer, int segments = 1)
    {
        var size = datagram.Length + 4;
        var message = new byte[size * segments];
        for (var i = 0; i < segments; i++)
            datagram.CopyTo(message.AsSpan((i * size) + 4));
        if (Client.TryFrame(message, new(new(Client.RelayedAddress, peer), message.Length, size, Headroom: 4), _network.Now, out var framed))
            _framed.Enqueue((message, framed));
    }

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        Assert.Equal(_server, path.Remote);
        if (Client.HandleDatagram(datagram, now, out var payload, out var peer) == TurnInput.Data)
            Received.Add((payload.ToArray(), peer));
        TakeEvents();
    }

    public void HandleTimeout(Instant now)
    {
        Client.HandleTimeout(now);
        TakeEvents();
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit)
    {
        if (!_framed.TryDequeue(out var framed))
            return Client.TryTransmit(buffer, now, out transmit);
        framed.Message.CopyTo(buffer);
        transmit = framed.Transmit;
        return true;
    }

    public void TakeEvents()
    {
        while (Client.TryGetEvent(out var turnEvent))
            Events.Add(turnEvent);
    }
}
