using System.Net;
using System.Net.Sockets;
using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Peers;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Stun;
using EdgeCam.WebRtc.Turn;

namespace EdgeCam.Agent.Tests.Relays;

/// <summary>Viewers of the peers' loop through a real coturn, over each transport; and what becomes of it when that fails.</summary>
public sealed class RelayTests
{
    private const string Secret = "the secret of both";

    private static readonly PeersOptions s_relayOnly = new(IcePolicy: PeersOptions.Relay);

    [Theory]
    [InlineData("turn:127.0.0.1:{0}?transport=udp")]
    [InlineData("turn:localhost:{0}?transport=tcp")]
    [InlineData("turns:localhost:{1}?transport=tcp")]
    public async Task A_viewer_watches_through_the_relay(string url)
    {
        await using var coturn = await Coturn.WithSecretAsync(Secret);
        var log = new LogLines<PeerLoop>();
        await using var rig = PeerRig.WithCamera(s_relayOnly, Settings(coturn, coturn.CaFile, url), log);
        rig.StartCamera();
        await rig.Loop.WaitForRelayAsync(TimeSpan.FromSeconds(5), CancellationToken.None);

        var viewer = await rig.JoinAsync("one");
        Assert.True(coturn.IsRelay(((IPEndPoint)viewer.Agent).Port), $"{viewer.Agent} is no relayed address");
        Assert.DoesNotContain("typ host", viewer.Answer, StringComparison.Ordinal);
        await PeerRig.MustPlayAsync(viewer);
        var second = await rig.JoinAsync("two"); // the same allocation
        await PeerRig.MustPlayAsync(second);

        Assert.Equal(viewer.Agent, second.Agent);
        Assert.Equal(1, log.Count("viewers reach this device"));
        Assert.DoesNotContain(log.Lines, line => line.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_user_with_a_password_works_too_and_the_candidate_is_trickled()
    {
        await using var coturn = await Coturn.WithUserAsync("alice", "alices password");
        Assert.True(TurnAddress.TryParse($"turn:localhost:{coturn.Port}?transport=tcp", out var address));
        var server = TurnServer.WithPassword(address!, "alice", "alices password", isForViewers: false);
        await using var rig = PeerRig.WithCamera(s_relayOnly, new([server], null, "cam", TimeSpan.FromMinutes(1)));
        rig.StartCamera();
        using var viewer = new SocketViewer();
        var answer = (await rig.OfferAsync("one", viewer.Offer)).Answer; // before there is an allocation
        Assert.NotNull(answer);
        Assert.DoesNotContain("a=candidate", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("end-of-candidates", answer, StringComparison.Ordinal);

        await Wait.UntilAsync(() => rig.Candidates.Count >= 2, "the relayed candidate and their end");
        var candidates = rig.Candidates.ToArray();
        Assert.Contains("typ relay", candidates[0].Candidate, StringComparison.Ordinal);
        Assert.Equal("", candidates[^1].Candidate);
        viewer.Begin($"{answer}a={candidates[0].Candidate}\r\n");
        await PeerRig.MustPlayAsync(viewer);
    }

    [Fact]
    public async Task The_spare_takes_over_when_a_server_is_killed_and_the_dead_one_is_not_pestered()
    {
        await using var first = await Coturn.WithSecretAsync(Secret);
        await using var second = await Coturn.WithSecretAsync(Secret);
        var log = new LogLines<PeerLoop>();
        var settings = new RelaySettings([Server($"turn:127.0.0.1:{first.Port}?transport=tcp"), Server($"turn:127.0.0.1:{second.Port}?transport=tcp")], null, "cam", TimeSpan.FromMinutes(1));
        await using var rig = PeerRig.WithCamera(s_relayOnly, settings, log);
        rig.StartCamera();
        await rig.Loop.WaitForRelayAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
        await Wait.UntilAsync(() => log.Count("viewers reach this device") == 2, "two allocations");
        var viewer = await rig.JoinAsync("one");
        await PeerRig.MustPlayAsync(viewer);
        (first.IsRelay(viewer.Sending.Port) ? first : second).Kill();

        await Wait.UntilAsync(() => log.Count("is lost") == 1, "the loss is told");
        var offer = viewer.Ask(peer => peer.Restart()); // what a browser asks for went to the dead relay: it checks anew
        viewer.HandleAnswer((await rig.OfferAsync("one", offer)).Answer!);
        var pictures = viewer.Pictures;
        await Wait.UntilAsync(() => viewer.Pictures > pictures + 50, "pictures through the spare");
        await Task.Delay(4000);
        Assert.InRange(log.Count("cannot be used"), 1, 4); // 1, 2, 4 seconds apart and more
    }

    [Fact]
    public async Task A_server_that_comes_back_is_used_again()
    {
        await using var coturn = await Coturn.WithSecretAsync(Secret);
        var log = new LogLines<PeerLoop>();
        await using var rig = PeerRig.WithCamera(s_relayOnly, Settings(coturn, null, "turn:127.0.0.1:{0}?transport=tcp"), log);
        rig.StartCamera();
        await rig.Loop.WaitForRelayAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
        _ = await rig.JoinAsync("one");

        coturn.Kill();
        await Wait.UntilAsync(() => log.Count("is lost") == 1, "the loss is told");
        await coturn.StartAsync();

        await Wait.UntilAsync(() => log.Count("viewers reach this device") == 2, "another allocation", seconds: 20);
    }

    [Fact]
    public async Task Another_allocation_is_made_before_one_whose_refresh_is_refused_ends()
    {
        using var turn = new SocketTurnServer();
        _ = turn.Ask(node => node.Lifetime = TimeSpan.FromSeconds(10));
        Assert.True(TurnAddress.TryParse($"turn:127.0.0.1:{turn.Server.Port}", out var address));
        var log = new LogLines<PeerLoop>();
        var settings = new RelaySettings([TurnServer.WithPassword(address!, "alice", "secret", isForViewers: false)], null, "cam", TimeSpan.FromMinutes(1));
        await using var rig = PeerRig.WithCamera(s_relayOnly, settings, log);
        rig.StartCamera();
        await rig.Loop.WaitForRelayAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
        var viewer = await rig.JoinAsync("one");
        await PeerRig.MustPlayAsync(viewer);
        _ = turn.Ask(node => node.Refuse = static method => method == StunMethod.Refresh ? 441 : 0);

        // The viewer learns the new address while the old one still carries it.
        await Wait.UntilAsync(() => log.Count("viewers reach this device") == 2, "another allocation");
        Assert.Equal((1, 0), (log.Count("no longer takes its credentials"), log.Count("is lost")));
        Assert.Equal(0, log.Count("another port is tried")); // it knows that the media port's allocation still stands
        await Wait.UntilAsync(() => !rig.Candidates.IsEmpty, "the new candidate");
        Assert.True(Candidate.TryParse(rig.Candidates.Last(told => told.Candidate.Length > 0).Candidate, out var candidate));
        viewer.Ask(peer =>
        {
            peer.Ice.AddRemoteCandidate(candidate!, MonotonicClock.Now);
            return true;
        });
        await PeerRig.MustPlayAsync(viewer);

        await Wait.UntilAsync(() => !rig.Restarts.IsEmpty, "the old one's end");
        viewer.HandleAnswer((await rig.OfferAsync("one", viewer.Ask(peer => peer.Restart()))).Answer!);
        var pictures = viewer.Pictures;
        await Wait.UntilAsync(() => viewer.Pictures > pictures + 50, "pictures by the new one");
        Assert.Equal(candidate!.Address, viewer.Sending);
    }

    [Fact]
    public async Task Where_the_media_port_is_taken_at_the_server_another_is_used()
    {
        await using var coturn = await Coturn.WithSecretAsync(Secret);
        using var former = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        former.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)former.LocalEndPoint!).Port;
        Allocate(former, coturn); // by an agent that was killed
        former.Dispose();

        var log = new LogLines<PeerLoop>();
        await using var rig = PeerRig.WithCamera(s_relayOnly, Settings(coturn, null, "turn:127.0.0.1:{0}"), log, port);
        rig.StartCamera();
        await rig.Loop.WaitForRelayAsync(TimeSpan.FromSeconds(5), CancellationToken.None);
        await PeerRig.MustPlayAsync(await rig.JoinAsync("one"));

        Assert.Equal(1, log.Count("(437): another port is tried"));
    }

    [Theory]
    [InlineData("turn:127.0.0.1:{0}", "not the secret", false, "check that secretFile holds the server's secret")]
    [InlineData("turns:localhost:{1}", Secret, false, "name that in peers.turnCaFile")]
    [InlineData("turns:127.0.0.1:{1}", Secret, true, "its certificate is for another name")]
    [InlineData("turn:127.0.0.1:9?transport=tcp", Secret, false, "no connection by TCP")]
    [InlineData("turn:no-such-host.invalid", Secret, false, "no-such-host.invalid was not found")]
    public async Task What_is_wrong_is_told_in_words(string url, string secret, bool hasCaFile, string words)
    {
        await using var coturn = await Coturn.WithSecretAsync(Secret);
        var log = new LogLines<PeerLoop>();
        await using var rig = PeerRig.WithCamera(s_relayOnly, Settings(coturn, hasCaFile ? coturn.CaFile : null, url, secret), log);

        await rig.Loop.WaitForRelayAsync(TimeSpan.FromSeconds(10), CancellationToken.None);

        Assert.True(log.Count(words) > 0, string.Join('\n', log.Lines));
        Assert.DoesNotContain(log.Lines, line => line.Contains(secret, StringComparison.Ordinal));
    }

    private static TurnServer Server(string url, string secret = Secret)
    {
        Assert.True(TurnAddress.TryParse(url, out var address), url);
        return TurnServer.WithSecret(address!, Encoding.UTF8.GetBytes(secret));
    }

    private static RelaySettings Settings(Coturn coturn, string? caFile, string url, string secret = Secret) =>
        new([Server(url.Replace("{0}", $"{coturn.Port}", StringComparison.Ordinal).Replace("{1}", $"{coturn.TlsPort}", StringComparison.Ordinal), secret)], caFile, "cam", TimeSpan.FromMinutes(1));

    private static void Allocate(Socket socket, Coturn coturn)
    {
        var credential = Server("turn:a").Mint("former", DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        var server = new IPEndPoint(IPAddress.Loopback, coturn.Port);
        var client = new TurnClient(
            new(new(default, TransportAddress.From(server.Address, server.Port)), IsStream: false, credential.Username, credential.Password, new SystemRandom()), MonotonicClock.Now);
        var buffer = new byte[2048];
        while (!client.IsAllocated)
        {
            Assert.False(client.HasEnded);
            while (client.TryTransmit(buffer, MonotonicClock.Now, out var transmit))
                socket.SendTo(buffer.AsSpan(0, transmit.Length), server);
            if (socket.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectRead))
                client.HandleDatagram(buffer.AsSpan(0, socket.Receive(buffer)), MonotonicClock.Now, out _, out _);
            else
                client.HandleTimeout(MonotonicClock.Now);
        }
    }
}
