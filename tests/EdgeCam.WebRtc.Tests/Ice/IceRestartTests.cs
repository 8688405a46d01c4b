using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Ice;

public sealed class IceRestartTests
{
    [Fact]
    public void A_restart_keeps_the_path_until_the_new_one_is_valid()
    {
        var network = new VirtualNetwork(seed: 1);
        var (browser, device) = Connected(network);
        var former = device.SelectedPath;

        Restart(browser, 5);
        Restart(device, 6);
        Assert.Equal((former, IceState.Connected), (device.SelectedPath, device.Agent.State));
        network.RunFor(TimeSpan.FromSeconds(20)); // signaling may take its time: consent goes on
        Assert.Equal((former, IceState.Connected), (device.SelectedPath, device.Agent.State));
        Assert.Equal(0, device.Agent.Unauthenticated);

        browser.Learn(device);
        device.Learn(browser);
        device.Events.Clear();
        network.RunFor(TimeSpan.FromSeconds(1));
        Assert.IsType<IceEvent.SelectedPairChanged>(Assert.Single(device.Events));
        network.RunFor(TimeSpan.FromSeconds(60));
        Assert.Equal((IceState.Connected, IceState.Connected), (browser.Agent.State, device.Agent.State));
        Assert.All(device.Agent.LocalCandidates, candidate => Assert.Equal(device.Credentials.UsernameFragment, candidate.UsernameFragment));
    }

    [Fact]
    public void A_restart_follows_a_browser_to_another_address()
    {
        var network = new VirtualNetwork(seed: 2);
        var (browser, device) = Connected(network);
        network.Detach(IceNode.Address("192.0.2.1"));
        var moved = new IceNode(network, 77, IceRole.Controlling, [IceNode.Address("198.51.100.7")]);
        Restart(device, 6);
        moved.Learn(device);
        device.Learn(moved);
        Assert.True(network.RunUntil(
            () => device.SelectedPath?.Remote == IceNode.Address("198.51.100.7"), TimeSpan.FromMilliseconds(100)));
        Assert.False(device.Agent.IsValidated(new(IceNode.Address("192.0.2.2"), IceNode.Address("192.0.2.1"))));
        Assert.Equal(IceState.Connected, browser.Agent.State); // it does not know yet
    }

    [Fact]
    public void A_restart_leads_out_of_expired_consent()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        peer.Wait(TimeSpan.FromSeconds(31));
        Assert.Equal(IceState.Failed, peer.Agent.State);

        peer.Restart();
        Assert.Equal(IceState.New, peer.Agent.State);
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        Assert.Equal(IceState.Connected, peer.Agent.State);
    }

    [Fact]
    public void Requests_of_the_former_generation_are_answered_but_open_and_nominate_nothing()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        var old = peer.Request(useCandidate: true);
        peer.Restart();
        peer.Connect();
        peer.Deliver(old, peer.PathTo("203.0.113.66"));
        Assert.Equal(StunClass.SuccessResponse, Assert.Single(peer.Drain()).View.Class);
        Assert.False(peer.Agent.IsValidated(peer.PathTo("203.0.113.66")));
        Assert.Equal(peer.PathTo("192.0.2.1"), peer.Agent.SelectedPath);

        peer.Restart();
        peer.Deliver(old, peer.PathTo("192.0.2.1")); // two generations back
        Assert.Equal(1, peer.Agent.Unauthenticated);
    }

    [Fact]
    public void Candidates_of_the_next_generation_wait_for_its_credentials()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Agent.AddRemoteCandidate(
            new("1", 1, IceNode.Address("192.0.2.1"), CandidateType.Host, UsernameFragment: peer.NextFragment), peer.Now);
        Assert.Empty(peer.Wait(TimeSpan.FromSeconds(1)));
        peer.Restart();
        peer.Connect();
        Assert.Equal(peer.PathTo("192.0.2.1"), Assert.Single(peer.Drain()).Path);
    }

    [Fact]
    public void The_same_credentials_are_no_restart_and_others_need_one()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Connect(); // a renegotiation without restart
        Assert.False(peer.Agent.Restart(peer.Ours));
        Assert.False(peer.Agent.SetRemoteCredentials(new("other", "password of somebody else"), isLite: false, peer.Now));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(257)]
    public void Credentials_of_an_impossible_length_are_refused(int length)
    {
        var peer = new ScriptedPeer();
        Assert.False(peer.Agent.SetRemoteCredentials(new(new('a', length), "0123456789012345678901"), isLite: false, peer.Now));
        Assert.False(peer.Agent.SetRemoteCredentials(new("abcd", new('a', length)), isLite: false, peer.Now));
        Assert.True(peer.Agent.SetRemoteCredentials(new(new('a', 256), new('b', 256)), isLite: false, peer.Now));
        peer.AddCandidate("192.0.2.1");
        Assert.Single(peer.Drain());
    }

    private static (IceNode Browser, IceNode Device) Connected(VirtualNetwork network)
    {
        var browser = new IceNode(network, 1, IceRole.Controlling, [IceNode.Address("192.0.2.1")]);
        var device = new IceNode(network, 2, IceRole.Controlled, [IceNode.Address("192.0.2.2")]);
        browser.Learn(device);
        device.Learn(browser);
        network.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal((IceState.Connected, IceState.Connected), (browser.Agent.State, device.Agent.State));
        return (browser, device);
    }

    private static void Restart(IceNode node, int seed)
    {
        node.Credentials = IceCredentials.Create(new SeededRandom(seed));
        Assert.True(node.Agent.Restart(node.Credentials));
    }
}
