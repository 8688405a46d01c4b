using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.H264;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Turn;

/// <summary>Whole calls through a relay, in virtual time.</summary>
public sealed class RelayedCallTests : IDisposable
{
    private static readonly TransportAddress s_device = TransportAddress.FromIPv4(0xC0000201, 50000);
    private static readonly TransportAddress s_browser = TransportAddress.FromIPv4(0xC6336402, 40000);

    private readonly VirtualNetwork _network = new(seed: 12);
    private readonly VirtualAgent _agent;
    private readonly VirtualViewer _viewer;
    private readonly TurnServerNode _server;
    private readonly RelayedAgent _relayed;

    public RelayedCallTests()
    {
        _agent = new(seed: 1, s_device, _network.Now);
        _server = new(_network, TurnRig.ServerAddress, TurnRig.Relay);
        _relayed = new(_network, _agent, s_device, TurnRig.ServerAddress);
        _viewer = new(seed: 2, s_browser, _network.Now);
        _network.Attach(_viewer, s_browser);
    }

    public void Dispose()
    {
        _agent.Dispose();
        _viewer.Dispose();
        Assert.Equal(0, _agent.Pool.Outstanding);
    }

    [Fact]
    public void Video_goes_through_the_relay_in_bursts_under_one_header_each()
    {
        Connect(isDirectBlocked: true);
        for (var i = 0; i < 30; i++)
        {
            _agent.SendPicture(20_000, isIdr: i == 0, _network.Now);
            _network.RunFor(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(30, _viewer.Video.Pictures.Count);
        var depacketizer = new H264Depacketizer();
        foreach (var payload in _viewer.Video.Pictures[^1])
            depacketizer.Add(payload);
        Assert.Equal(_agent.Sent[^1], depacketizer.NalUnits);
        Assert.True(_relayed.BurstsThroughRelay >= 30);
        Assert.True(_viewer.RtcpPackets > 0);
        Assert.Equal(1, _server.Count(WebRtc.Stun.StunMethod.ChannelBind));
        Assert.InRange(_server.SendIndications, 1, 40); // checks, and DTLS until the channel is bound
    }

    [Fact]
    public void Where_the_relay_dies_the_direct_path_takes_over_once_it_works()
    {
        Connect(isDirectBlocked: true);
        _network.Filter = static (_, _) => true;
        _agent.Peer!.AddLocalAddress(new(s_device.WithPort(50001)), _network.Now); // another interface comes up
        _network.Attach(_relayed, s_device.WithPort(50001));
        foreach (var candidate in _agent.Events.OfType<PeerEvent.LocalCandidate>().ToArray())
            Trickle(candidate.Candidate);
        _network.RunFor(TimeSpan.FromSeconds(5));
        _server.IsDead = true;

        _network.RunFor(TimeSpan.FromSeconds(30));
        _agent.SendPicture(20_000, isIdr: true, _network.Now);

        Assert.True(_network.RunUntil(() => _viewer.Video.Pictures.Count == 1, TimeSpan.FromSeconds(5)));
    }

    private void Connect(bool isDirectBlocked)
    {
        if (isDirectBlocked) // as with a NAT on either side
            _network.Filter = (_, path) => path.Local == TurnRig.ServerAddress || path.Remote == TurnRig.ServerAddress
                || path.Local.WithPort(0) == TurnRig.Relay.WithPort(0) || path.Remote.WithPort(0) == TurnRig.Relay.WithPort(0);
        _viewer.HandleAnswer(_agent.Accept(_viewer.Offer, _network.Now)!, _network.Now);
        Assert.True(_network.RunUntil(() => _relayed.Relay.IsAllocated, TimeSpan.FromSeconds(1)));
        _network.RunFor(TimeSpan.FromMilliseconds(20));
        foreach (var candidate in _agent.Events.OfType<PeerEvent.LocalCandidate>().ToArray())
            Trickle(candidate.Candidate);
        Assert.True(_network.RunUntil(() => _viewer.IsConnected && _agent.Peer!.IsConnected, TimeSpan.FromSeconds(10)), $"not connected: {_viewer.Failure}");
    }

    private void Trickle(string candidate)
    {
        if (Candidate.TryParse(candidate, out var parsed))
            _viewer.Ice.AddRemoteCandidate(parsed!, _network.Now);
    }
}
