using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Ice;

/// <summary>Interfaces and relays that come and go, and what the peer is told of them.</summary>
public sealed class IceAddressTests
{
    private static readonly TransportAddress s_first = IceNode.Address("192.0.2.2");
    private static readonly TransportAddress s_second = IceNode.Address("198.51.100.2");
    private static readonly LocalAddress s_relayed = new(IceNode.Address("203.0.113.5", 49160), CandidateType.Relayed, IceNode.Address("203.0.113.9", 61000));

    [Fact]
    public void An_address_that_comes_is_told_and_carries_on_when_the_first_goes()
    {
        var network = new VirtualNetwork(seed: 1);
        var (browser, device) = Connected(network);

        network.Attach(device, s_second);
        device.Agent.AddLocalAddress(new(s_second), network.Now);
        network.RunFor(TimeSpan.FromSeconds(1));
        var told = Assert.Single(device.Events.OfType<IceEvent.LocalCandidate>()).Candidate;
        Assert.Equal((CandidateType.Host, s_second, device.Credentials.UsernameFragment), (told.Type, told.Address, told.UsernameFragment));
        Assert.Equal(s_first, device.SelectedPath?.Local);

        network.Detach(s_first);
        device.Agent.RemoveLocalAddress(s_first, network.Now);
        Assert.Equal((s_second, IceState.Connected), (device.SelectedPath?.Local, device.Agent.State)); // at once: its pair was valid
        Assert.Equal([s_second], device.Agent.LocalCandidates.Select(candidate => candidate.Address));
        network.RunFor(TimeSpan.FromSeconds(20));
        Assert.Equal(s_second, device.SelectedPath?.Local);
        Assert.Equal(IceState.Connected, browser.Agent.State);
    }

    [Fact]
    public void With_the_last_address_gone_the_checks_go_on_and_the_next_address_connects()
    {
        var network = new VirtualNetwork(seed: 2);
        var (_, device) = Connected(network);
        network.Detach(s_first);
        device.Agent.RemoveLocalAddress(s_first, network.Now);
        Assert.Equal((null, IceState.Checking), (device.SelectedPath, device.Agent.State));
        network.RunFor(TimeSpan.FromSeconds(10));
        Assert.Equal(IceState.Checking, device.Agent.State);

        network.Attach(device, s_second);
        device.Agent.AddLocalAddress(new(s_second), network.Now);
        Assert.True(network.RunUntil(() => device.SelectedPath?.Local == s_second, TimeSpan.FromMilliseconds(200)));
    }

    [Fact]
    public void What_the_peer_says_again_and_again_leaves_room_for_what_it_says_once()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        for (var i = 0; i < 200; i++)
            peer.AddCandidate("192.0.2.1");
        peer.AddCandidate("192.0.2.3", foundation: "3");

        peer.Agent.AddLocalAddress(new(s_second), peer.Now);
        var checks = peer.Wait(TimeSpan.FromSeconds(1)).Select(message => message.Path);
        Assert.Contains(new(s_second, IceNode.Address("192.0.2.3")), checks);
    }

    [Fact]
    public void With_no_address_at_all_patience_ends()
    {
        var network = new VirtualNetwork(seed: 3);
        var (_, device) = Connected(network);
        device.Agent.RemoveLocalAddress(s_first, network.Now);
        network.RunFor(TimeSpan.FromSeconds(39));
        Assert.Equal(IceState.Checking, device.Agent.State);
        network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Contains(new IceEvent.Failed(), device.Events);
    }

    [Fact]
    public void A_peer_known_by_its_checks_alone_is_looked_for_from_a_new_address_too()
    {
        var network = new VirtualNetwork(seed: 4);
        var browser = new IceNode(network, 1, IceRole.Controlling, [IceNode.Address("192.0.2.1")]);
        var device = new IceNode(network, 2, IceRole.Controlled, [s_first]);
        browser.Learn(device);
        device.Learn(browser, withCandidates: false);
        network.RunFor(TimeSpan.FromSeconds(1));
        network.Attach(device, s_second);
        device.Agent.AddLocalAddress(new(s_second), network.Now);
        network.RunFor(TimeSpan.FromSeconds(1));
        Assert.True(device.Agent.IsConfirmed(new(s_second, IceNode.Address("192.0.2.1"))));
    }

    [Fact]
    public void A_relayed_address_is_a_relay_candidate_of_the_lowest_preference()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.AddCandidate("192.0.2.1");
        peer.Agent.AddLocalAddress(s_relayed, peer.Now);
        var told = Assert.IsType<IceEvent.LocalCandidate>(Assert.Single(peer.Events())).Candidate;
        Assert.Equal(0u, told.Priority >> 24);
        Assert.EndsWith($"203.0.113.5 49160 typ relay raddr 203.0.113.9 rport 61000 ufrag {peer.Ours.UsernameFragment}", told.ToString(), StringComparison.Ordinal);

        var checks = peer.Wait(TimeSpan.FromMilliseconds(300)).Select(check => check.Path).Distinct();
        Assert.Equal([peer.PathTo("192.0.2.1"), new(s_relayed.Address, IceNode.Address("192.0.2.1"))], checks); // the direct one first
    }

    [Fact]
    public void A_direct_pair_is_preferred_to_a_relayed_one_that_was_valid_first()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Agent.AddLocalAddress(s_relayed, peer.Now);
        var relayed = new NetworkPath(s_relayed.Address, IceNode.Address("192.0.2.1"));
        peer.Validate(relayed);
        Assert.Equal(relayed, peer.Agent.SelectedPath);
        peer.Validate(peer.PathTo("192.0.2.1"));
        Assert.Equal(peer.PathTo("192.0.2.1"), peer.Agent.SelectedPath);
    }

    [Fact]
    public void A_path_that_falls_silent_gives_way_to_one_that_answers()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        peer.Validate(peer.PathTo("198.51.100.1"), priority: 10); // valid, and then not used for minutes
        for (var second = 0; second < 120; second++)
            peer.Answer(peer.Wait(TimeSpan.FromSeconds(1)).Where(check => check.Path == peer.PathTo("192.0.2.1")));
        Assert.Equal(peer.PathTo("192.0.2.1"), peer.Agent.SelectedPath);

        for (var second = 0; second < 40; second++)
            peer.Answer(peer.Wait(TimeSpan.FromSeconds(1)).Where(check => check.Path == peer.PathTo("198.51.100.1")));
        Assert.Equal((peer.PathTo("198.51.100.1"), IceState.Connected), (peer.Agent.SelectedPath, peer.Agent.State));
    }

    [Fact]
    public void However_addresses_come_and_go_one_that_never_answers_gets_seven_checks_from_each()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        peer.AddCandidate("203.0.113.66", priority: uint.MaxValue); // somebody whom the offer names
        var sent = Live();
        peer.Agent.AddLocalAddress(new(s_second), peer.Now);
        sent.AddRange(Live());
        peer.Agent.RemoveLocalAddress(s_second, peer.Now);
        sent.AddRange(Live());
        peer.Agent.AddLocalAddress(new(s_second), peer.Now);
        peer.Agent.RemoveLocalAddress(peer.Local, peer.Now); // the selected pair with it: the others are looked at again
        sent.AddRange(Live());
        var atStranger = sent.Where(message => message.Path.Remote == IceNode.Address("203.0.113.66")).ToList();
        Assert.Equal(7, atStranger.Count(message => message.Path.Local == peer.Local));
        Assert.Equal(2 * 7, atStranger.Count(message => message.Path.Local == s_second)); // it came twice

        List<SentMessage> Live()
        {
            var all = new List<SentMessage>();
            for (var second = 0; second < 60; second++)
            {
                var now = peer.Wait(TimeSpan.FromSeconds(1));
                peer.Answer(now.Where(message => message.Path.Remote != IceNode.Address("203.0.113.66")));
                all.AddRange(now);
            }

            return all;
        }
    }

    [Fact]
    public void Gathering_is_not_completed_while_more_addresses_follow()
    {
        var peer = new ScriptedPeer(options => options with { MoreAddressesFollow = true });
        Assert.False(peer.Agent.IsGatheringCompleted);
        peer.Agent.AddLocalAddress(s_relayed, peer.Now);
        peer.Agent.EndLocalAddresses(peer.Now);
        Assert.Collection(
            peer.Events(), first => Assert.IsType<IceEvent.LocalCandidate>(first), second => Assert.IsType<IceEvent.GatheringCompleted>(second));
    }

    [Fact]
    public void Hidden_host_addresses_are_used_but_not_told()
    {
        var network = new VirtualNetwork(seed: 5);
        var server = IceNode.Address("198.51.100.9", 3478);
        network.Attach(new StunServerNode(), server);
        var device = new IceNode(network, 52, IceRole.Controlled, [IceNode.Address("10.0.0.2")], [server], isAttached: false, hidesHosts: true);
        NatNode.Attach(network, device, "203.0.113.2");
        Assert.Empty(device.Agent.LocalCandidates);
        Assert.True(network.RunUntil(() => device.Agent.IsGatheringCompleted, TimeSpan.FromSeconds(5)));
        device.Agent.AddLocalAddress(s_relayed, network.Now);
        Assert.Equal(2, device.Agent.LocalCandidates.Count);
        Assert.All(device.Agent.LocalCandidates, candidate => Assert.Contains("raddr 0.0.0.0 rport 9", candidate.ToString(), StringComparison.Ordinal));

        var browser = new IceNode(network, 1, IceRole.Controlling, [IceNode.Address("192.0.2.1")]);
        browser.Learn(device);
        device.Learn(browser);
        Assert.True(network.RunUntil(() => device.SelectedPath is not null && browser.SelectedPath is not null, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void Advertised_addresses_are_told_once_for_all_bases_of_their_family()
    {
        TransportAddress[] advertised = [IceNode.Address("203.0.113.7", 0), IceNode.Address("203.0.113.8", 40000), IceNode.Address("2001:db8::7", 0)];
        var peer = new ScriptedPeer(options => options with { Advertised = advertised, HidesHostAddresses = true }, "192.0.2.2", "192.0.2.3");
        Assert.Equal([IceNode.Address("203.0.113.7"), IceNode.Address("203.0.113.8", 40000)], peer.Agent.LocalCandidates.Select(candidate => candidate.Address));
        Assert.All(peer.Agent.LocalCandidates, candidate => Assert.Equal(CandidateType.Host, candidate.Type));
        Assert.Equal(2, peer.Agent.LocalCandidates.Select(candidate => candidate.Foundation).Distinct().Count());

        peer.Agent.RemoveLocalAddress(peer.Local, peer.Now); // the other one still serves them
        Assert.Equal(2, peer.Agent.LocalCandidates.Count);
    }

    private static (IceNode Browser, IceNode Device) Connected(VirtualNetwork network)
    {
        var browser = new IceNode(network, 1, IceRole.Controlling, [IceNode.Address("192.0.2.1")]);
        var device = new IceNode(network, 2, IceRole.Controlled, [s_first]);
        browser.Learn(device);
        device.Learn(browser);
        network.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal((IceState.Connected, s_first), (device.Agent.State, device.SelectedPath?.Local));
        device.Events.Clear();
        return (browser, device);
    }
}
