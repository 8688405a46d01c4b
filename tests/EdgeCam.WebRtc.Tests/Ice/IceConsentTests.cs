using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.WebRtc.Tests.Ice;

public sealed class IceConsentTests
{
    [Fact]
    public void Consent_is_asked_for_every_four_to_six_seconds_and_keeps_the_pair()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        var times = new List<Instant>();
        for (var ticks = 0; ticks < 3000; ticks++)
        {
            var sent = peer.Wait(TimeSpan.FromMilliseconds(100));
            times.AddRange(sent.Select(_ => peer.Now));
            peer.Answer(sent);
        }

        var gaps = times.Zip(times.Skip(1), static (former, next) => (next - former).TotalSeconds).ToList();
        Assert.InRange(times.Count, 50, 75); // of 300 s
        Assert.All(gaps, gap => Assert.InRange(gap, 3.9, 6.1));
        Assert.True(gaps.Max() - gaps.Min() > 1, "randomised");
        Assert.Equal(IceState.Connected, peer.Agent.State);
    }

    [Fact]
    public void Consent_expires_thirty_seconds_after_the_last_answer()
    {
        var network = new VirtualNetwork(seed: 1);
        var browser = new IceNode(network, 1, IceRole.Controlling, [IceNode.Address("192.0.2.1")]);
        var device = new IceNode(network, 2, IceRole.Controlled, [IceNode.Address("192.0.2.2")]);
        browser.Learn(device);
        device.Learn(browser);
        network.RunFor(TimeSpan.FromSeconds(60));
        Assert.Equal(IceState.Connected, device.Agent.State);
        var path = device.SelectedPath!.Value;

        network.Detach(IceNode.Address("192.0.2.1"));
        var lost = network.Now;
        Assert.True(network.RunUntil(() => device.Agent.State == IceState.Failed, TimeSpan.FromSeconds(31)));
        Assert.InRange((network.Now - lost).TotalSeconds, 23, 30);
        Assert.Equal(new IceEvent.ConsentExpired(), device.Events[^1]);
        Assert.Null(device.SelectedPath);
        Assert.False(device.Agent.IsValidated(path));
        Assert.Equal(Instant.Never, device.NextTimeout);
    }

    [Fact]
    public void A_peer_that_only_asks_and_never_answers_gives_no_consent()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        for (var second = 0; second < 31; second++)
        {
            peer.Deliver(peer.Request(useCandidate: true), peer.PathTo("192.0.2.1"));
            peer.Wait(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(IceState.Failed, peer.Agent.State);
        peer.Deliver(peer.Request(useCandidate: true), peer.PathTo("192.0.2.1"));
        Assert.Empty(peer.Drain()); // only a restart helps
    }

    [Fact]
    public void An_answer_that_is_forged_or_comes_from_elsewhere_gives_no_consent()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        for (var second = 0; second < 31; second++)
        {
            foreach (var check in peer.Wait(TimeSpan.FromSeconds(1)))
            {
                peer.Deliver(peer.Respond(check, password: "wrong"), check.Path);
                peer.Deliver(peer.Respond(check), peer.PathTo("203.0.113.66"));
            }
        }

        Assert.Equal(IceState.Failed, peer.Agent.State);
        Assert.InRange(peer.Agent.Unauthenticated, 5, 8);
    }

    [Fact]
    public void An_answer_that_is_repeated_gives_no_more_consent()
    {
        var peer = new ScriptedPeer();
        peer.Connect();
        peer.Validate(peer.PathTo("192.0.2.1"), useCandidate: true);
        var answers = new List<(byte[] Datagram, NetworkPath Path)>();
        for (var second = 0; second < 45; second++)
        {
            foreach (var check in peer.Wait(TimeSpan.FromSeconds(1)))
            {
                answers.Add((peer.Respond(check), check.Path));
                peer.Deliver(answers[^1].Datagram, check.Path);
            }
        }

        Assert.InRange(answers.Count, 7, 12);
        for (var second = 0; second < 30; second++) // the peer has gone; somebody who listened has not
        {
            answers.ForEach(answer => peer.Deliver(answer.Datagram, answer.Path));
            peer.Wait(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(IceState.Failed, peer.Agent.State);
    }

    [Fact]
    public void The_round_trip_time_follows_the_network()
    {
        var network = new VirtualNetwork(seed: 2) { Latency = TimeSpan.FromMilliseconds(10) };
        var browser = new IceNode(network, 1, IceRole.Controlling, [IceNode.Address("192.0.2.1")]);
        var device = new IceNode(network, 2, IceRole.Controlled, [IceNode.Address("192.0.2.2")]);
        browser.Learn(device);
        device.Learn(browser);
        network.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromMilliseconds(20), device.Agent.RoundTripTime);
        network.Latency = TimeSpan.FromSeconds(4); // beyond the retransmission time
        network.RunFor(TimeSpan.FromSeconds(20));
        Assert.Equal(TimeSpan.FromSeconds(8), device.Agent.RoundTripTime);
        Assert.Equal(IceState.Connected, device.Agent.State);
    }
}
