using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Tests.Ice;

public sealed class IceNominationTests
{
    private static readonly TimeSpan s_later = TimeSpan.FromSeconds(3);

    [Fact]
    public void A_nomination_before_our_own_check_takes_effect_with_it()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), priority: 3000);
        peer.Deliver(peer.Request(useCandidate: true, priority: 1000), peer.PathTo("198.51.100.1"));
        Assert.Equal(peer.PathTo("192.0.2.1"), peer.Agent.SelectedPath); // not valid yet

        peer.Answer(peer.Drain());
        Assert.Equal(peer.PathTo("198.51.100.1"), peer.Agent.SelectedPath); // nominated, though of lower priority
    }

    [Fact]
    public void Before_nomination_the_best_valid_pair_is_used()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), priority: 1000);
        peer.Validate(peer.PathTo("192.0.2.9"), priority: 3000);
        peer.Validate(peer.PathTo("192.0.2.5"), priority: 2000);
        Assert.Equal(peer.PathTo("192.0.2.9"), peer.Agent.SelectedPath);
    }

    [Fact]
    public void Of_nominations_at_once_the_highest_priority_wins()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true, priority: 1000);
        peer.Validate(peer.PathTo("192.0.2.9"), useCandidate: true, priority: 3000);
        peer.Validate(peer.PathTo("192.0.2.5"), useCandidate: true, priority: 2000);
        Assert.Equal(peer.PathTo("192.0.2.9"), peer.Agent.SelectedPath);
    }

    [Fact]
    public void A_later_nomination_moves_the_path_even_to_a_lower_priority()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.9"), useCandidate: true, priority: 3000);
        peer.Validate(peer.PathTo("198.51.100.1"), priority: 1000);
        Assert.Equal(peer.PathTo("192.0.2.9"), peer.Agent.SelectedPath);

        peer.Wait(s_later);
        peer.Deliver(peer.Request(useCandidate: true), peer.PathTo("198.51.100.1")); // as when a phone leaves the WLAN
        Assert.Equal(peer.PathTo("198.51.100.1"), peer.Agent.SelectedPath);
        Assert.Equal(2, peer.Events().OfType<IceEvent.SelectedPairChanged>().Count());
    }

    [Fact]
    public void A_nomination_that_is_repeated_is_no_news()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        for (var i = 0; i < 5; i++)
        {
            peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
            peer.Answer(peer.Wait(s_later));
        }

        Assert.Single(peer.Events());
    }

    [Fact]
    public void A_nominated_pair_that_was_valid_long_ago_is_checked_again_first()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("198.51.100.1"), priority: 1000);
        peer.Validate(peer.PathTo("192.0.2.9"), useCandidate: true, priority: 3000);
        for (var i = 0; i < 20; i++)
            peer.Answer(peer.Wait(s_later));

        peer.Deliver(peer.Request(useCandidate: true), peer.PathTo("198.51.100.1"));
        Assert.Equal(peer.PathTo("192.0.2.9"), peer.Agent.SelectedPath);
        peer.Answer(peer.Drain());
        Assert.Equal(peer.PathTo("198.51.100.1"), peer.Agent.SelectedPath);
    }

    [Fact]
    public void As_controlling_agent_we_nominate_the_best_pair()
    {
        var peer = new ScriptedPeer(IceRole.Controlling);
        peer.Connect();
        peer.AddCandidate("192.0.2.1", priority: 1000);
        peer.AddCandidate("192.0.2.9", priority: 3000, foundation: "2");
        var first = peer.Wait(TimeSpan.FromMilliseconds(60));
        Assert.Equal([peer.PathTo("192.0.2.9"), peer.PathTo("192.0.2.1")], first.Select(check => check.Path));
        Assert.DoesNotContain(first, check => check.View.Has(StunAttributeType.UseCandidate));

        peer.Answer(first.Where(check => check.Path == peer.PathTo("192.0.2.1")));
        Assert.Equal(peer.PathTo("192.0.2.1"), peer.Agent.SelectedPath); // valid, so it may be used
        peer.Answer(first.Where(check => check.Path == peer.PathTo("192.0.2.9")));

        var nomination = Assert.Single(peer.Wait(TimeSpan.FromMilliseconds(250)), check => check.View.Has(StunAttributeType.UseCandidate));
        Assert.Equal(peer.PathTo("192.0.2.9"), nomination.Path);
        peer.Answer([nomination]);
        Assert.Equal(peer.PathTo("192.0.2.9"), peer.Agent.SelectedPath);
        Assert.DoesNotContain(peer.Wait(s_later), check => check.View.Has(StunAttributeType.UseCandidate));
    }

    [Fact]
    public void With_all_candidates_checked_the_nomination_does_not_wait()
    {
        var peer = new ScriptedPeer(IceRole.Controlling);
        peer.Connect();
        peer.AddCandidate("192.0.2.1");
        peer.Agent.SetEndOfRemoteCandidates();
        peer.Answer(peer.Drain());
        Assert.True(Assert.Single(peer.Drain()).View.Has(StunAttributeType.UseCandidate));
    }

    [Fact]
    public void A_nomination_that_fails_moves_on_to_the_next_pair()
    {
        var peer = new ScriptedPeer(IceRole.Controlling);
        peer.Connect();
        peer.AddCandidate("192.0.2.1", priority: 1000);
        peer.AddCandidate("192.0.2.9", priority: 3000, foundation: "2");
        peer.Answer(peer.Wait(TimeSpan.FromMilliseconds(60)));
        var nomination = Assert.Single(peer.Wait(TimeSpan.FromMilliseconds(250)), check => check.View.Has(StunAttributeType.UseCandidate));
        peer.Deliver(peer.Respond(nomination, StunErrorCode.BadRequest), nomination.Path);
        Assert.Equal(peer.PathTo("192.0.2.1"), peer.Agent.SelectedPath);
        var next = Assert.Single(peer.Drain(), check => check.View.Has(StunAttributeType.UseCandidate));
        Assert.Equal(peer.PathTo("192.0.2.1"), next.Path);
    }

    [Fact]
    public void With_a_lite_peer_we_control()
    {
        var peer = new ScriptedPeer();
        peer.Connect(isLite: true);
        Assert.Equal(IceRole.Controlling, peer.Agent.Role);
        peer.AddCandidate("192.0.2.1");
        peer.Agent.SetEndOfRemoteCandidates();
        var check = Assert.Single(peer.Drain());
        Assert.True(check.View.Has(StunAttributeType.IceControlling));
        peer.Answer([check]);
        var nomination = Assert.Single(peer.Drain());
        Assert.True(nomination.View.Has(StunAttributeType.UseCandidate));
        peer.Answer([nomination]);
        Assert.Equal(IceState.Connected, peer.Agent.State);
    }

    [Fact]
    public void A_peer_that_nominates_to_and_fro_keeps_its_consent()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        peer.Validate(peer.PathTo("192.0.2.9"));
        for (var i = 0; i < 40; i++)
        {
            peer.Deliver(peer.Request(useCandidate: true), peer.PathTo(i % 2 == 0 ? "192.0.2.9" : "192.0.2.1"));
            peer.Answer(peer.Wait(s_later));
        }

        Assert.Equal(IceState.Connected, peer.Agent.State);
        Assert.Equal(peer.PathTo("192.0.2.1"), peer.Agent.SelectedPath);
    }

    [Fact]
    public void After_nomination_worse_pairs_are_left_alone()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        for (var i = 1; i < 9; i++)
            peer.AddCandidate($"198.51.100.{i}", priority: (uint)i, foundation: $"{i}");
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        var sent = peer.Wait(s_later);
        Assert.All(sent, message => Assert.Equal(peer.PathTo("192.0.2.1"), message.Path));
    }

    [Fact]
    public void A_check_that_the_peer_repeats_is_answered_by_one_transaction_of_ours()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Deliver(peer.Request(), peer.PathTo("192.0.2.1"));
        var checks = peer.Drain();
        for (var i = 0; i < 10; i++)
        {
            checks.AddRange(peer.Wait(TimeSpan.FromMilliseconds(50)));
            peer.Deliver(peer.Request(), peer.PathTo("192.0.2.1"));
            checks.AddRange(peer.Drain());
        }

        checks.RemoveAll(message => message.View.Class != StunClass.Request);
        Assert.Equal(11, checks.Count);
        peer.Deliver(peer.Respond(checks[0]), checks[0].Path); // the response to the first, a long way later
        Assert.Equal(IceState.Connected, peer.Agent.State);
    }

    [Fact]
    public void A_peer_reflexive_address_takes_the_type_and_priority_of_the_candidate_that_names_it()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Deliver(peer.Request(priority: 2000), peer.PathTo("192.0.2.1"));
        peer.Deliver(peer.Request(priority: 2001), peer.PathTo("192.0.2.9"));
        peer.AddCandidate("192.0.2.1", priority: 3000);
        peer.Answer(peer.Drain());
        Assert.Equal(
            new IceEvent.SelectedPairChanged(peer.PathTo("192.0.2.1"), CandidateType.Host, CandidateType.Host), Assert.Single(peer.Events()));
    }

    [Fact]
    public void Beside_media_the_agent_allocates_nothing()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        peer.Drain();
        var buffer = new byte[1500];
        var path = peer.PathTo("192.0.2.1");
        Ask();
        Assert.Equal(0, Allocated.By(Ask));

        void Ask()
        {
            for (var i = 0; i < 1000; i++)
            {
                _ = peer.Agent.TryTransmit(buffer, peer.Now, out _);
                _ = peer.Agent.IsValidated(path);
                _ = peer.Agent.SelectedPath;
                _ = peer.Agent.NextTimeout;
            }
        }
    }
}
