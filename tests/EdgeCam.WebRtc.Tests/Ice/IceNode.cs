using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Ice;

/// <summary>An agent on the virtual network, with what its owner would keep.</summary>
internal sealed class IceNode : IVirtualNode
{
    private readonly VirtualNetwork _network;

    public IceNode(
        VirtualNetwork network, int seed, IceRole role, IReadOnlyList<TransportAddress> hosts,
        IReadOnlyList<TransportAddress>? stunServers = null, bool isAttached = true, bool hidesHosts = false)
    {
        _network = network;
        var random = new SeededRandom(seed);
        Credentials = IceCredentials.Create(random);
        Agent = new(new(role, Credentials, random, hosts, stunServers, HidesHostAddresses: hidesHosts), network.Now);
        if (isAttached)
            network.Attach(this, [.. hosts]);
    }

    public IceAgent Agent { get; }

    public IceCredentials Credentials { get; set; }

    public List<IceEvent> Events { get; } = [];

    public Instant NextTimeout => Agent.NextTimeout;

    public NetworkPath? SelectedPath => Agent.SelectedPath;

    public static TransportAddress Address(string ip, int port = 5000)
    {
        Assert.True(TransportAddress.TryParse(ip, (ushort)port, out var address));
        return address;
    }

    /// <summary>As if the description of the other had come, with or without its candidates.</summary>
    public void Learn(IceNode other, bool withCandidates = true, bool isLite = false)
    {
        Assert.True(Agent.SetRemoteCredentials(other.Credentials, isLite, _network.Now));
        if (!withCandidates)
            return;
        foreach (var candidate in other.Agent.LocalCandidates)
            Agent.AddRemoteCandidate(candidate, _network.Now);
    }

    public void HandleDatagram(Span<byte> datagram, NetworkPath path, Instant now)
    {
        Agent.HandleDatagram(datagram, path, now);
        TakeEvents();
    }

    public void HandleTimeout(Instant now)
    {
        Agent.HandleTimeout(now);
        TakeEvents();
    }

    public bool TryTransmit(Span<byte> buffer, Instant now, out Transmit transmit) => Agent.TryTransmit(buffer, now, out transmit);

    private void TakeEvents()
    {
        while (Agent.TryGetEvent(out var iceEvent))
            Events.Add(iceEvent!);
    }
}
