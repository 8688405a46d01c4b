using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Stun;

namespace EdgeCam.WebRtc.Tests.Ice;

public sealed class IceHostileTests
{
    [Fact]
    public void A_request_without_the_password_validates_nothing()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Deliver(peer.Request(password: "guessed"), peer.PathTo("203.0.113.66"));
        peer.Deliver(peer.Request(hasIntegrity: false), peer.PathTo("203.0.113.66"));
        peer.Deliver(peer.Request(username: "nobody:at all"), peer.PathTo("203.0.113.66"));
        Assert.False(peer.Agent.IsValidated(peer.PathTo("203.0.113.66")));
        Assert.Equal(3, peer.Agent.Unauthenticated);
        Assert.Empty(peer.Drain()); // not a byte to who does not know it
    }

    [Fact]
    public void An_authenticated_request_opens_its_own_path_only()
    {
        var peer = new ScriptedPeer();
        peer.Deliver(peer.Request(), peer.PathTo("192.0.2.1"));
        Assert.True(peer.Agent.IsValidated(peer.PathTo("192.0.2.1")));
        Assert.False(peer.Agent.IsValidated(peer.PathTo("192.0.2.1", port: 5001)));
        Assert.Null(peer.Agent.SelectedPath); // what is accepted is not yet sent to
    }

    [Fact]
    public void A_flood_without_credentials_is_counted_and_not_answered()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        for (var i = 0; i < 10_000; i++)
            peer.Deliver(peer.Request(password: "guessed"), peer.PathTo($"203.0.113.{i % 250}", 1 + i));
        Assert.Equal(10_000, peer.Agent.Unauthenticated);
        Assert.True(peer.Drain().Count == 0 && peer.Agent.NextTimeout > peer.Now);
    }

    [Fact]
    public void A_flood_with_credentials_stays_within_the_bounds()
    {
        var peer = new ScriptedPeer(maxPairs: 20);
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        for (var i = 0; i < 2000; i++)
            peer.Deliver(peer.Request(priority: (uint)i), peer.PathTo("203.0.113.66", 1 + i));
        var sent = peer.Drain();
        Assert.Equal(16, sent.Count(message => message.View.Class == StunClass.SuccessResponse));
        Assert.Equal(19, sent.Count(message => message.View.Class == StunClass.Request));
        Assert.Equal(2000 - 16, peer.Agent.DroppedResponses);
        Assert.Equal(peer.PathTo("192.0.2.1"), peer.Agent.SelectedPath);
    }

    [Fact]
    public void An_offer_makes_us_send_seven_checks_each_to_a_hundred_addresses_and_no_more()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        for (var i = 0; i < 400; i++)
            peer.AddCandidate($"203.0.{i / 250}.{1 + (i % 250)}", priority: (uint)i, foundation: $"{i}");
        var sent = peer.Wait(TimeSpan.FromMinutes(15)).GroupBy(message => message.Path.Remote).ToList();
        Assert.Equal(100, sent.Count);
        Assert.All(sent, checks => Assert.Equal(7, checks.Count()));
        Assert.Equal(IceState.Failed, peer.Agent.State);
    }

    [Fact]
    public void Candidates_that_keep_coming_make_us_check_no_more_addresses()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1")); // its own, which keeps the session alive
        var sent = new List<SentMessage>();
        foreach (var round in new[] { 1, 2, 3, 1 }) // each better than the one before; and the first once more
        {
            for (var i = 1; i <= 100; i++)
                peer.AddCandidate($"203.0.{round}.{i}", priority: (uint)((round * 1000) + i), foundation: $"{round} {i}");
            for (var second = 0; second < 500; second++) // a hundred checks at a time take so long to fail
            {
                var now = peer.Wait(TimeSpan.FromSeconds(1)).ToLookup(message => message.Path.Remote == peer.PathTo("192.0.2.1").Remote);
                peer.Answer(now[true]);
                sent.AddRange(now[false]);
            }
        }

        var targets = sent.GroupBy(message => message.Path.Remote).ToList();
        Assert.Equal(99, targets.Count);
        Assert.All(targets, checks => Assert.Equal(7, checks.Count()));

        peer.Validate(peer.PathTo("198.51.100.7"), useCandidate: true, priority: 1); // where it proves to be has room
        Assert.Equal(peer.PathTo("198.51.100.7"), peer.Agent.SelectedPath);
    }

    [Fact]
    public void While_all_places_are_being_checked_the_peer_still_gets_one()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        for (var i = 1; i <= 100; i++)
            peer.AddCandidate($"203.0.113.{i}", priority: 100_000 + (uint)i, foundation: $"{i}");
        peer.Wait(TimeSpan.FromSeconds(8)); // all have begun, none has failed
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true, priority: 1);
        Assert.Equal(peer.PathTo("192.0.2.1"), peer.Agent.SelectedPath);
    }

    [Fact]
    public void A_flood_of_candidates_does_not_keep_the_peer_out()
    {
        var peer = new ScriptedPeer(maxPairs: 20);
        for (var i = 0; i < 200; i++)
            peer.AddCandidate($"203.0.113.{i}", priority: 100_000 + (uint)i, foundation: $"{i}");
        peer.Connect();
        for (var i = 0; i < 200; i++)
            peer.AddCandidate($"198.51.100.{i}", priority: 200_000 + (uint)i, foundation: $"{i}");
        Assert.InRange(peer.Agent.DroppedCandidates, 150, 400);
        Assert.True(peer.Wait(TimeSpan.FromMilliseconds(900)).Count <= 25);
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true, priority: 1);
        Assert.Equal(peer.PathTo("192.0.2.1"), peer.Agent.SelectedPath);
    }

    [Fact]
    public void An_unknown_attribute_that_must_be_understood_is_named_in_a_420()
    {
        var peer = new ScriptedPeer();
        peer.Deliver(peer.Request(extra: (StunAttributeType)0x7F01), peer.PathTo("192.0.2.1"));
        var response = Assert.Single(peer.Drain());
        Assert.Equal(StunErrorCode.UnknownAttribute, response.Error);
        Assert.True(response.View.TryGet(StunAttributeType.UnknownAttributes, out var types));
        Assert.Equal("7F01", Convert.ToHexString(types));
        Assert.True(response.View.HasIntegrity);

        peer.Deliver(peer.Request(extra: (StunAttributeType)0xC057), peer.PathTo("192.0.2.1")); // one that browsers send
        Assert.Equal(StunClass.SuccessResponse, Assert.Single(peer.Drain()).View.Class);
    }

    [Fact]
    public void A_request_without_priority_is_refused()
    {
        var peer = new ScriptedPeer();
        peer.Deliver(peer.Request(priority: null), peer.PathTo("192.0.2.1"));
        Assert.Equal(StunErrorCode.BadRequest, Assert.Single(peer.Drain()).Error);
        Assert.False(peer.Agent.IsValidated(peer.PathTo("192.0.2.1")));
    }

    [Theory]
    [InlineData("0.0.0.0", 5000)]
    [InlineData("224.0.0.251", 5000)]
    [InlineData("255.255.255.255", 5000)]
    [InlineData("192.0.2.1", 0)]
    [InlineData("ff02::1", 5000)]
    [InlineData("ff0e::101", 5000)]
    [InlineData("::", 5000)]
    [InlineData("2001:db8::1", 0)]
    public void Nothing_is_sent_to_an_address_that_is_no_hosts(string ip, int port)
    {
        var peer = new ScriptedPeer(hosts: [ip.Contains(':') ? "2001:db8::2" : "192.0.2.2"]);
        peer.Connect();
        peer.Deliver(peer.Request(useCandidate: true), peer.PathTo(ip, port));
        peer.Agent.AddRemoteCandidate(new("1", 1, IceNode.Address(ip, port), Primitives.CandidateType.Host), peer.Now);
        Assert.Empty(peer.Wait(TimeSpan.FromSeconds(1)));
        Assert.Equal((1, 1), (peer.Agent.Discarded, peer.Agent.DroppedCandidates));
    }

    [Fact]
    public void Responses_that_are_forged_unasked_or_without_an_address_change_nothing()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.AddCandidate("192.0.2.1");
        var check = Assert.Single(peer.Drain());
        peer.Deliver(peer.Respond(check, password: "guessed"), check.Path);
        peer.Deliver(StunVectorsResponse(), check.Path);
        Assert.Equal((1, 1), (peer.Agent.Unauthenticated, peer.Agent.Discarded));
        Assert.Equal(IceState.Checking, peer.Agent.State);
        Assert.True(peer.Agent.IsResponseToUs(peer.Respond(check)));
        Assert.False(peer.Agent.IsResponseToUs(StunVectorsResponse()));

        peer.Deliver(peer.Respond(check), check.Path);
        Assert.Equal(IceState.Connected, peer.Agent.State);
        peer.Deliver(peer.Respond(check), check.Path); // a second time
        Assert.Equal(2, peer.Agent.Discarded);
    }

    [Fact]
    public void A_response_from_another_address_fails_the_pair()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.AddCandidate("192.0.2.1");
        var check = Assert.Single(peer.Drain());
        peer.Deliver(peer.Respond(check), peer.PathTo("203.0.113.66"));
        Assert.Empty(peer.Wait(TimeSpan.FromSeconds(3)));
        Assert.Null(peer.Agent.SelectedPath);
    }

    [Fact]
    public void Random_and_mutated_datagrams_neither_throw_nor_validate()
    {
        var random = new Random(8445);
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.AddCandidate("192.0.2.1");
        for (var i = 0; i < 5000; i++)
        {
            var bytes = i % 2 == 0 ? peer.Request(useCandidate: true) : new byte[random.Next(100)];
            if (i % 2 != 0)
                random.NextBytes(bytes);
            else
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            if (i % 3 == 0)
                bytes = bytes[..random.Next(bytes.Length + 1)];
            peer.Deliver(bytes, peer.PathTo("203.0.113.66"));
            if (i % 10 == 0)
                peer.Wait(TimeSpan.FromMilliseconds(10));
        }

        Assert.False(peer.Agent.IsValidated(peer.PathTo("203.0.113.66", 1)));
        Assert.Null(peer.Agent.SelectedPath);
    }

    [Fact]
    public void The_username_fragment_names_the_receiver()
    {
        var peer = new ScriptedPeer();
        Assert.True(IceAgent.TryGetUsernameFragment(peer.Request(), out var fragment));
        Assert.Equal(peer.Ours.UsernameFragment, System.Text.Encoding.ASCII.GetString(fragment));
        Assert.False(IceAgent.TryGetUsernameFragment(peer.Request(username: "no colon"), out _));
        Assert.False(IceAgent.TryGetUsernameFragment([1, 2, 3], out _));
    }

    private static byte[] StunVectorsResponse() => Stun.StunVectors.IPv4Response;
}
