using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;
using EdgeCam.WebRtc.Tests.Ice;
using EdgeCam.WebRtc.Turn;
using static EdgeCam.WebRtc.Tests.Turn.TurnRig;

namespace EdgeCam.WebRtc.Tests.Turn;

/// <summary>Several requests under way when the server takes another nonce: each is asked again, and none counts as refused.</summary>
public sealed class TurnNonceTests
{
    private static readonly TransportAddress[] s_hosts = [IceNode.Address("198.51.100.8"), IceNode.Address("198.51.100.9"), IceNode.Address("198.51.100.10")];

    [Fact]
    public void Permissions_for_three_hosts_at_once_are_all_asked_for_again()
    {
        var rig = Allocated();
        _ = new EchoNode(rig.Network, s_hosts);
        rig.Server.ChangeNonce();

        foreach (var host in s_hosts)
            rig.Node.Send(Check, host);
        rig.Network.RunFor(TimeSpan.FromSeconds(1));

        Assert.Equal(s_hosts, rig.Node.Received.Select(received => received.Peer).Order(ByHost));
        Assert.Equal(6, rig.Server.Count(StunMethod.CreatePermission));
        Assert.Equal(0, rig.Client.Dropped);
    }

    [Fact]
    public void A_refresh_beside_another_request_does_not_cost_the_allocation()
    {
        var rig = Allocated();
        rig.Server.ChangeNonce();

        rig.Node.Send(Check, PeerAddress);
        rig.Client.Probe(rig.Network.Now);
        rig.Network.RunFor(TimeSpan.FromSeconds(1));

        Assert.Single(rig.Node.Received);
        Assert.IsType<TurnEvent.Allocated>(Assert.Single(rig.Node.Events)); // and no refused credentials
    }

    [Fact]
    public void A_late_answer_to_what_has_been_repeated_since_still_tells_of_the_old_nonce()
    {
        var rig = Allocated();
        _ = new EchoNode(rig.Network, s_hosts);
        rig.Network.Latency = TimeSpan.FromMilliseconds(400); // there and back takes longer than the first repetition
        rig.Server.ChangeNonce();

        rig.Node.Send(Check, s_hosts[0]);
        rig.Network.RunFor(TimeSpan.FromMilliseconds(400));
        rig.Node.Send(Check, s_hosts[1]); // repeated after the first has learned the new nonce, answered later
        rig.Network.RunFor(TimeSpan.FromSeconds(10));

        Assert.Equal(s_hosts[..2], rig.Node.Received.Select(received => received.Peer).Order(ByHost));
    }

    private static Comparer<TransportAddress> ByHost { get; } =
        Comparer<TransportAddress>.Create(static (one, other) => Array.IndexOf(s_hosts, one).CompareTo(Array.IndexOf(s_hosts, other)));
}
