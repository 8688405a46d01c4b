using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Ice;
using EdgeCam.WebRtc.Tests.Simulation;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.WebRtc.Tests.Turn;

/// <summary>A client, its server and a peer.</summary>
internal sealed class TurnRig
{
    public static readonly byte[] Check = [0, 1, 2, 3, 4, 5, 6, 7];
    public static readonly byte[] Media = [0x80, 1, 2, 3, 4, 5, 6];
    public static readonly TransportAddress ServerAddress = IceNode.Address("203.0.113.10", 3478);
    public static readonly TransportAddress Relay = IceNode.Address("203.0.113.10", 50000);
    public static readonly TransportAddress PeerAddress = IceNode.Address("198.51.100.7", 6000);

    public TurnRig(string password = "secret", bool isStream = false, int maxPeers = 1024, double loss = 0)
    {
        Network = new(seed: 3) { Loss = loss };
        Server = new(Network, ServerAddress, Relay);
        Peer = new(Network, PeerAddress);
        Node = new(Network, IceNode.Address("192.0.2.1"), ServerAddress, password, isStream, maxPeers);
    }

    public VirtualNetwork Network { get; }

    public TurnServerNode Server { get; }

    public EchoNode Peer { get; }

    public TurnNode Node { get; }

    public TurnClient Client => Node.Client;

    /// <summary>One that has its allocation.</summary>
    public static TurnRig Allocated(bool isStream = false, int maxPeers = 1024, double loss = 0)
    {
        var rig = new TurnRig(isStream: isStream, maxPeers: maxPeers, loss: loss);
        Assert.True(rig.Network.RunUntil(() => rig.Client.IsAllocated, TimeSpan.FromSeconds(30)));
        return rig;
    }

    /// <summary>Sends to the peer and waits for its echo.</summary>
    public void MustEcho(byte[] datagram, TransportAddress? peer = null)
    {
        var before = Node.Received.Count;
        Node.Send(datagram, peer ?? PeerAddress);
        Assert.True(Network.RunUntil(() => Node.Received.Count > before, TimeSpan.FromSeconds(5)), "no echo through the relay");
        Assert.Equal(datagram, Node.Received[^1].Data);
        Assert.Equal(peer ?? PeerAddress, Node.Received[^1].Peer);
    }

    /// <summary>A datagram each second for so long; returns how many came back.</summary>
    public int Chat(TimeSpan span)
    {
        var before = Node.Received.Count;
        for (var i = 0; i < span.TotalSeconds; i++)
        {
            Node.Send(Media, PeerAddress);
            Network.RunFor(TimeSpan.FromSeconds(1));
        }

        return Node.Received.Count - before;
    }
}
