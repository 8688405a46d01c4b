using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Stun;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Ice;

public sealed class IceRoleTests
{
    [Theory]
    [InlineData(IceRole.Controlling)]
    [InlineData(IceRole.Controlled)]
    public void Two_agents_of_one_role_agree_and_connect(IceRole role)
    {
        for (var seed = 1; seed <= 6; seed++)
        {
            var network = new VirtualNetwork(seed);
            var one = new IceNode(network, seed, role, [IceNode.Address("192.0.2.1")]);
            var other = new IceNode(network, seed + 100, role, [IceNode.Address("192.0.2.2")]);
            one.Learn(other);
            other.Learn(one);
            network.RunFor(TimeSpan.FromSeconds(3));
            Assert.NotEqual(one.Agent.Role, other.Agent.Role);
            Assert.Equal((IceState.Connected, IceState.Connected), (one.Agent.State, other.Agent.State));
        }
    }

    [Theory]
    [InlineData(IceRole.Controlling, StunAttributeType.IceControlling, 0ul, true, IceRole.Controlling)]
    [InlineData(IceRole.Controlling, StunAttributeType.IceControlling, ulong.MaxValue, false, IceRole.Controlled)]
    [InlineData(IceRole.Controlled, StunAttributeType.IceControlled, 0ul, false, IceRole.Controlling)]
    [InlineData(IceRole.Controlled, StunAttributeType.IceControlled, ulong.MaxValue, true, IceRole.Controlled)]
    [InlineData(IceRole.Controlled, StunAttributeType.IceControlling, 0ul, false, IceRole.Controlled)] // no conflict
    internal void The_larger_tie_breaker_wins(IceRole role, StunAttributeType theirs, ulong tieBreaker, bool isRefused, IceRole after)
    {
        var peer = new ScriptedPeer(role);
        peer.Connect();
        peer.Deliver(peer.Request(role: theirs, tieBreaker: tieBreaker), peer.PathTo("192.0.2.1"));
        var response = peer.Drain().First(message => message.View.Class != StunClass.Request);
        Assert.Equal(isRefused ? StunErrorCode.RoleConflict : null, response.Error);
        Assert.True(response.View.IsAuthenticatedBy(System.Text.Encoding.ASCII.GetBytes(peer.Ours.Password)));
        Assert.Equal(after, peer.Agent.Role);
    }

    [Fact]
    public void A_refused_role_is_given_up_and_the_check_repeated_with_another_tie_breaker()
    {
        var peer = new ScriptedPeer(IceRole.Controlling);
        peer.Connect();
        peer.AddCandidate("192.0.2.1");
        var check = Assert.Single(peer.Drain());
        peer.Deliver(peer.Respond(check, StunErrorCode.RoleConflict), check.Path);
        Assert.Equal(IceRole.Controlled, peer.Agent.Role);

        var again = Assert.Single(peer.Drain());
        Assert.True(check.View.TryGetUInt64(StunAttributeType.IceControlling, out var former));
        Assert.True(again.View.TryGetUInt64(StunAttributeType.IceControlled, out var tieBreaker));
        Assert.NotEqual(former, tieBreaker);
        Assert.NotEqual(check.View.TransactionId, again.View.TransactionId);
    }

    [Fact]
    public void A_peer_that_refuses_every_role_is_not_asked_for_ever()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.AddCandidate("192.0.2.1");
        var checks = 0;
        for (var sent = peer.Drain(); sent.Count != 0 && checks < 100; sent = peer.Drain())
        {
            checks += sent.Count;
            peer.Deliver(peer.Respond(sent[0], StunErrorCode.RoleConflict), sent[0].Path);
        }

        Assert.InRange(checks, 2, 20);
    }
}
