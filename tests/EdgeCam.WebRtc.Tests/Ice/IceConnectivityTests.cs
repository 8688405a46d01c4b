using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Ice;

public sealed class IceConnectivityTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public void Two_agents_select_the_same_pair_within_one_round_trip()
    {
        var network = new VirtualNetwork(seed: 1) { Latency = TimeSpan.FromMilliseconds(20) };
        var (browser, device) = Pair(network, ["192.0.2.1"], ["192.0.2.2"]);
        browser.Learn(device);
        device.Learn(browser);
        var start = network.Now;

        Assert.True(network.RunUntil(() => device.SelectedPath is not null && browser.SelectedPath is not null, s_limit));
        Assert.Equal(TimeSpan.FromMilliseconds(40), network.Now - start);
        Assert.Equal(TimeSpan.FromMilliseconds(40), device.Agent.RoundTripTime);
        network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(Reverse(browser.SelectedPath), device.SelectedPath);
        Assert.Equal(
            [new IceEvent.SelectedPairChanged(device.SelectedPath!.Value, CandidateType.Host, CandidateType.Host)], device.Events);
    }

    [Fact]
    public void A_browser_that_hides_its_addresses_is_found_as_peer_reflexive_in_one_and_a_half_round_trips()
    {
        var network = new VirtualNetwork(seed: 2) { Latency = TimeSpan.FromMilliseconds(20) };
        var (browser, device) = Pair(network, ["192.0.2.1"], ["192.0.2.2"]);
        browser.Learn(device);
        device.Learn(browser, withCandidates: false);
        Assert.True(Candidate.TryParse("candidate:1 1 udp 2113937151 7d1c.local 5000 typ host", out var hidden));
        device.Agent.AddRemoteCandidate(hidden!, network.Now);
        var start = network.Now;

        Assert.True(network.RunUntil(() => device.SelectedPath is not null, s_limit));
        Assert.Equal(TimeSpan.FromMilliseconds(60), network.Now - start);
        Assert.Equal(CandidateType.PeerReflexive, Assert.IsType<IceEvent.SelectedPairChanged>(device.Events[0]).RemoteType);
        Assert.Equal(1, device.Agent.DroppedCandidates);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    public void Agents_connect_through_thirty_percent_loss(int seed)
    {
        var network = new VirtualNetwork(seed)
        {
            Loss = 0.3, Duplication = 0.1, Latency = TimeSpan.FromMilliseconds(30), Jitter = TimeSpan.FromMilliseconds(60),
        };
        var (browser, device) = Pair(network, ["192.0.2.1", "198.51.100.1"], ["192.0.2.2", "203.0.113.2"]);
        browser.Learn(device);
        device.Learn(browser);
        Assert.True(network.RunUntil(() => device.SelectedPath is not null && browser.SelectedPath is not null, TimeSpan.FromSeconds(5)));
        Assert.True(network.RunUntil(() => Reverse(browser.SelectedPath) == device.SelectedPath, s_limit));
    }

    [Fact]
    public void A_peer_behind_a_nat_is_reached_at_its_mapped_address()
    {
        var network = new VirtualNetwork(seed: 3);
        var (browser, device) = Pair(network, ["10.0.0.2"], ["192.0.2.2"], isBrowserAttached: false);
        NatNode.Attach(network, browser, "203.0.113.1");
        browser.Learn(device);
        device.Learn(browser);

        Assert.True(network.RunUntil(() => device.SelectedPath is not null && browser.SelectedPath is not null, s_limit));
        Assert.Equal(IceNode.Address("203.0.113.1", 40001), device.SelectedPath!.Value.Remote, AddressWithinPorts);
        Assert.Equal(CandidateType.PeerReflexive, browser.Events.OfType<IceEvent.SelectedPairChanged>().Last().LocalType);
        Assert.Equal(CandidateType.PeerReflexive, device.Events.OfType<IceEvent.SelectedPairChanged>().Last().RemoteType);
    }

    [Fact]
    public void We_are_peer_reflexive_behind_a_nat_of_our_own()
    {
        var network = new VirtualNetwork(seed: 4);
        var (browser, device) = Pair(network, ["192.0.2.1"], ["10.0.0.2"], isDeviceAttached: false);
        NatNode.Attach(network, device, "203.0.113.1", isSymmetric: true);
        browser.Learn(device);
        device.Learn(browser);

        Assert.True(network.RunUntil(() => device.SelectedPath is not null && browser.SelectedPath is not null, s_limit));
        var selected = device.Events.OfType<IceEvent.SelectedPairChanged>().Last();
        Assert.Equal((CandidateType.PeerReflexive, CandidateType.Host), (selected.LocalType, selected.RemoteType));
    }

    [Fact]
    public void Agents_behind_two_nats_connect_by_server_reflexive_candidates()
    {
        var network = new VirtualNetwork(seed: 5);
        var server = IceNode.Address("198.51.100.9", 3478);
        network.Attach(new StunServerNode(), server);
        var browser = new IceNode(network, 51, IceRole.Controlling, [IceNode.Address("10.0.0.2")], [server], isAttached: false);
        var device = new IceNode(network, 52, IceRole.Controlled, [IceNode.Address("10.0.0.2")], [server], isAttached: false);
        NatNode.Attach(network, browser, "203.0.113.1");
        NatNode.Attach(network, device, "203.0.113.2");
        Assert.True(network.RunUntil(() => browser.Agent.IsGatheringCompleted && device.Agent.IsGatheringCompleted, s_limit));

        var found = Assert.IsType<IceEvent.LocalCandidate>(device.Events[0]).Candidate;
        Assert.Equal((CandidateType.ServerReflexive, IceNode.Address("10.0.0.2")), (found.Type, found.RelatedAddress));
        Assert.IsType<IceEvent.GatheringCompleted>(device.Events[1]);
        Assert.Equal([device.Agent.LocalCandidates[0], found], device.Agent.LocalCandidates);
        Assert.True(device.Agent.LocalCandidates[0].Priority > found.Priority);

        browser.Learn(device);
        device.Learn(browser);
        Assert.True(network.RunUntil(() => device.SelectedPath is not null && browser.SelectedPath is not null, s_limit));
        network.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal(IceNode.Address("203.0.113.1", 40000), device.SelectedPath!.Value.Remote);
        Assert.Equal(CandidateType.ServerReflexive, device.Events.OfType<IceEvent.SelectedPairChanged>().Last().LocalType);
    }

    [Fact]
    public void A_stun_server_that_does_not_answer_is_given_up()
    {
        var network = new VirtualNetwork(seed: 6);
        var device = new IceNode(network, 61, IceRole.Controlled, [IceNode.Address("10.0.0.2")], [IceNode.Address("198.51.100.9", 3478)]);
        Assert.True(network.RunUntil(() => device.Agent.IsGatheringCompleted, TimeSpan.FromSeconds(40)));
        Assert.Equal(7, network.Sent);
        Assert.Equal([new IceEvent.GatheringCompleted()], device.Events);
    }

    [Fact]
    public void A_candidate_trickled_late_still_connects()
    {
        var network = new VirtualNetwork(seed: 7);
        var (browser, device) = Pair(network, ["192.0.2.1"], ["192.0.2.2"]);
        browser.Learn(device, withCandidates: false);
        device.Learn(browser, withCandidates: false);
        network.RunFor(TimeSpan.FromSeconds(20));
        Assert.Equal((IceState.Checking, 0), (device.Agent.State, network.Sent));

        browser.Agent.AddRemoteCandidate(device.Agent.LocalCandidates[0], network.Now);
        Assert.True(network.RunUntil(() => device.Agent.State == IceState.Connected && browser.Agent.State == IceState.Connected, s_limit));
    }

    [Fact]
    public void Candidates_that_come_before_the_credentials_wait_for_them()
    {
        var network = new VirtualNetwork(seed: 8);
        var (browser, device) = Pair(network, ["192.0.2.1"], ["192.0.2.2"]);
        foreach (var candidate in browser.Agent.LocalCandidates)
            device.Agent.AddRemoteCandidate(candidate, network.Now);
        device.Agent.AddRemoteCandidate(browser.Agent.LocalCandidates[0] with { UsernameFragment = "other" }, network.Now);
        network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(0, network.Sent);

        device.Learn(browser, withCandidates: false);
        browser.Learn(device, withCandidates: false);
        Assert.Equal(1, device.Agent.DroppedCandidates);
        Assert.True(network.RunUntil(() => device.Agent.State == IceState.Connected && browser.Agent.State == IceState.Connected, s_limit));
    }

    [Fact]
    public void A_request_that_comes_before_the_credentials_is_answered_and_checked_later()
    {
        var network = new VirtualNetwork(seed: 9);
        var (browser, device) = Pair(network, ["192.0.2.1"], ["192.0.2.2"]);
        browser.Learn(device);
        network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(IceState.Connected, browser.Agent.State);
        Assert.Equal(IceState.New, device.Agent.State);
        Assert.True(device.Agent.IsValidated(Reverse(browser.SelectedPath)!.Value)); // DTLS may come already

        device.Learn(browser, withCandidates: false);
        Assert.True(network.RunUntil(() => device.Agent.State == IceState.Connected, TimeSpan.FromMilliseconds(30)));
    }

    [Fact]
    public void Ipv6_is_used_where_it_is_preferred_and_never_mixed_with_ipv4()
    {
        var network = new VirtualNetwork(seed: 10);
        string[] link = ["fe80::1", "fe80::2"];
        var (browser, device) = Pair(network, ["2001:db8::1", link[0], "192.0.2.1"], ["2001:db8::2", link[1], "192.0.2.2", "127.0.0.1"]);
        network.Filter = (_, path) => path.Local.IsIPv4 == path.Remote.IsIPv4 && path.Local.IsLinkLocal == path.Remote.IsLinkLocal
            ? true
            : throw new InvalidOperationException($"{path}");
        browser.Learn(device);
        device.Learn(browser);
        Assert.True(network.RunUntil(() => device.SelectedPath is not null, s_limit));
        network.RunFor(TimeSpan.FromSeconds(3));
        Assert.Equal(IceNode.Address("2001:db8::1"), device.SelectedPath!.Value.Remote);
        Assert.Equal(Reverse(browser.SelectedPath), device.SelectedPath);
    }

    [Fact]
    public void Without_any_working_pair_the_agent_fails_when_its_patience_is_over()
    {
        var network = new VirtualNetwork(seed: 11) { Loss = 1 };
        var (browser, device) = Pair(network, ["192.0.2.1"], ["192.0.2.2"]);
        device.Learn(browser);
        device.Agent.SetEndOfRemoteCandidates();
        network.RunFor(TimeSpan.FromSeconds(39));
        Assert.Equal(IceState.Checking, device.Agent.State);
        network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(IceState.Failed, device.Agent.State);
        Assert.Equal([new IceEvent.Failed()], device.Events);
        Assert.Equal(Instant.Never, device.NextTimeout);
        Assert.Equal(7, network.Sent);
    }

    private static (IceNode Browser, IceNode Device) Pair(
        VirtualNetwork network, string[] browser, string[] device, bool isBrowserAttached = true, bool isDeviceAttached = true) =>
        (new(network, 101, IceRole.Controlling, [.. browser.Select(ip => IceNode.Address(ip))], isAttached: isBrowserAttached),
            new(network, 102, IceRole.Controlled, [.. device.Select(ip => IceNode.Address(ip))], isAttached: isDeviceAttached));

    private static NetworkPath? Reverse(NetworkPath? path) => path is { } there ? new(there.Remote, there.Local) : null;

    private static bool AddressWithinPorts(TransportAddress expected, TransportAddress actual) => expected.WithPort(0) == actual.WithPort(0);
}
