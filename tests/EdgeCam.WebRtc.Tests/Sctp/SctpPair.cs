using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Sctp;

/// <summary>Two ends and the network between them.</summary>
internal sealed class SctpPair
{
    public SctpPair(int seed, Func<SctpOptions, SctpOptions>? client = null, Func<SctpOptions, SctpOptions>? server = null)
    {
        Network = new(seed);
        var a = TransportAddress.FromIPv4(0x0A000001, 5000);
        var b = TransportAddress.FromIPv4(0x0A000002, 5000);
        client ??= static options => options;
        server ??= static options => options;
        Client = new(client(new(new SeededRandom(seed), IsClient: true)), new(a, b));
        Server = new(server(new(new SeededRandom(seed + 1), IsClient: false)), new(b, a));
        Network.Attach(Client, a);
        Network.Attach(Server, b);
    }

    public VirtualNetwork Network { get; }

    public SctpNode Client { get; }

    public SctpNode Server { get; }

    public Instant Now => Network.Now;

    /// <summary>Both ends begin; returns when both are established.</summary>
    public SctpPair Connect()
    {
        Client.Channels.Connect(Now);
        Server.Channels.Connect(Now);
        Assert.True(Network.RunUntil(() => Client.Channels.IsConnected && Server.Channels.IsConnected, TimeSpan.FromSeconds(60)));
        return this;
    }

    /// <summary>A channel from client to server, open at both ends.</summary>
    public ushort Open(ChannelReliability reliability, string label = "control")
    {
        var before = Client.Opened.Count();
        Assert.True(Client.Channels.TryOpen(label, "", reliability, out var id));
        Assert.True(Network.RunUntil(() => Client.Opened.Count() > before, TimeSpan.FromSeconds(60)));
        return id;
    }

    public void Run(double seconds) => Network.RunFor(TimeSpan.FromSeconds(seconds));

    public bool Until(Func<bool> condition, double seconds = 300) => Network.RunUntil(condition, TimeSpan.FromSeconds(seconds));
}
