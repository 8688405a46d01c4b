using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>Live sessions that restart ICE, with real sockets: nobody loses a picture.</summary>
public sealed class PeerRestartTests
{
    [Fact]
    public async Task A_second_offer_restarts_ICE_beside_the_pictures()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");
        await PeerRig.MustPlayAsync(viewer);

        for (var i = 0; i < 3; i++)
        {
            var answer = (await rig.OfferAsync("alice", viewer.Ask(browser => browser.Restart()))).Answer!;
            Assert.NotEqual(Value(viewer.Answer, "ice-ufrag"), Value(answer, "ice-ufrag"));
            viewer.HandleAnswer(answer);
            await Wait.UntilAsync(() => viewer.Ask(browser => browser.Ice.SelectedPath is { } path && browser.Ice.IsConfirmed(path)), "a path of the new generation");
            await PeerRig.MustPlayAsync(viewer);
        }

        Assert.Empty(rig.Closed);
        Assert.Equal(1, rig.Loop.Statistics.Viewers);
        Assert.Equal(0, viewer.Missing);
    }

    [Fact]
    public async Task A_data_channel_carries_the_restart_where_signaling_is_gone()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        OfferResult? result = null;
        rig.OnChannelMessage = (channel, message) =>
        {
            result = rig.Loop.HandleOffer(channel, Encoding.UTF8.GetString(message));
            channel.Send(Encoding.UTF8.GetBytes(result.Answer ?? result.Message), isText: true);
        };
        var viewer = await rig.JoinAsync("alice");
        var control = viewer.OpenChannel("control");

        Assert.True(viewer.Say(control, Encoding.UTF8.GetBytes(viewer.Ask(browser => browser.Restart()))));
        await Wait.UntilAsync(() => viewer.Messages == 1, "the answer");
        Assert.NotNull(result!.Answer);
        viewer.HandleAnswer(result.Answer);
        await PeerRig.MustPlayAsync(viewer);
        Assert.Empty(rig.Closed);

        using var other = new SocketViewer();
        Assert.True(viewer.Say(control, Encoding.UTF8.GetBytes(other.Offer))); // another certificate: never by this way
        await Wait.UntilAsync(() => viewer.Messages == 2, "a refusal");
        Assert.Equal((null, 409), (result.Answer, result.Code));
        await PeerRig.MustPlayAsync(viewer);
    }

    [Fact]
    public async Task Restarts_of_one_session_are_bounded()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");

        var codes = new List<int>();
        for (var i = 0; i < 20; i++)
            codes.Add((await rig.OfferAsync("alice", viewer.Offer)).Code);
        Assert.Equal([.. Enumerable.Repeat(0, 8), .. Enumerable.Repeat(429, 12)], codes);
        await PeerRig.MustPlayAsync(viewer);
    }

    [Fact]
    public async Task The_end_is_told_to_whoever_was_answered_last()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");
        var answered = "";
        for (var i = 0; ; i++)
        {
            if ((await rig.OfferAsync("alice", viewer.Offer, $"offer {i}")).Code != 0)
                break; // refused, since there were too many
            answered = $"offer {i}";
        }

        rig.Loop.Close("alice");
        await Wait.UntilAsync(() => !rig.Closed.IsEmpty, "the end");
        Assert.Equal(answered, rig.Closed.Single().Viewer);
    }

    [Fact]
    public async Task Without_the_data_channel_candidates_go_by_signaling_again()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        rig.OnChannelMessage = (channel, message) => channel.Send(Encoding.UTF8.GetBytes(rig.Loop.HandleOffer(channel, Encoding.UTF8.GetString(message)).Message), isText: true);
        var viewer = await rig.JoinAsync("alice");
        var control = viewer.OpenChannel("control");
        Assert.True(viewer.Say(control, Encoding.UTF8.GetBytes(viewer.Offer)));
        await Wait.UntilAsync(() => viewer.Messages == 1, "the answer");
        viewer.Ask(browser =>
        {
            browser.Channels!.CloseChannel(control);
            return true;
        });
        await Wait.UntilAsync(() => !rig.ClosedChannels.IsEmpty, "the channel's end");

        TransportAddress[] hosts = [.. new[] { "127.0.0.1", "127.0.0.2" }.Select(ip => TransportAddress.From(IPAddress.Parse(ip), rig.Loop.Port))];
        rig.ClosedChannels.First().Inbox.TryPost(new LoopOrder.Addresses(hosts));
        await Wait.UntilAsync(() => rig.Candidates.Any(told => told.Candidate.Contains(" 127.0.0.2 ", StringComparison.Ordinal)), "the new candidate");
    }

    [Fact]
    public async Task Credentials_alone_restart_too()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");
        var offer = viewer.Ask(browser => browser.Restart());

        var result = await rig.Loop.RestartIceAsync("alice", new(Value(offer, "ice-ufrag"), Value(offer, "ice-pwd")), []);
        Assert.NotNull(result.Answer);
        viewer.HandleAnswer($"{Regex.Match(viewer.Answer, "a=setup:.*?\r\n")}{Regex.Match(viewer.Answer, "a=fingerprint:.*?\r\n")}{result.Answer}");
        await PeerRig.MustPlayAsync(viewer);
        Assert.Equal(409, (await rig.Loop.RestartIceAsync("nobody", new("abcd", "0123456789012345678901"), [])).Code);
    }

    [Fact]
    public async Task When_the_address_in_use_goes_the_viewer_is_asked_to_restart_and_the_pictures_go_on()
    {
        var log = new LogLines<PeerLoop>();
        await using var rig = PeerRig.WithCamera(log: log);
        rig.StartCamera();
        var elsewhere = TransportAddress.From(IPAddress.Parse("127.0.0.2"), rig.Loop.Port);
        rig.OnChannelMessage = (channel, _) => channel.Inbox.TryPost(new LoopOrder.Addresses([elsewhere]));
        var viewer = await rig.JoinAsync("alice");
        var control = viewer.OpenChannel("control");
        await PeerRig.MustPlayAsync(viewer);

        Assert.True(viewer.Say(control, "now"u8));
        await Wait.UntilAsync(() => !rig.Restarts.IsEmpty, "the request to restart");
        Assert.Equal(("alice", "the device's address is gone"), rig.Restarts.Single()); // which, is not told: a policy may hide it
        Assert.Single(log.Lines, line => Regex.IsMatch(line, "is asked to restart ICE: the device's address [0-9a-f.:]+ is gone"));
        await Wait.UntilAsync(() => viewer.Messages == 1, "the same on the data channel");

        var answer = (await rig.OfferAsync("alice", viewer.Ask(browser => browser.Restart()))).Answer!;
        Assert.Contains("127.0.0.2", answer, StringComparison.Ordinal);
        viewer.HandleAnswer(answer);
        await PeerRig.MustPlayAsync(viewer);
        await Wait.UntilAsync(() => viewer.Ask(browser => browser.Ice.SelectedPath?.Remote) == elsewhere, "the path to the new address");
        Assert.Empty(rig.Closed);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Policies_decide_what_is_told(bool isHidden, bool isRelayOnly)
    {
        await using var rig = PeerRig.WithCamera(new(
            IcePolicy: isRelayOnly ? PeersOptions.Relay : PeersOptions.All, HideHostCandidates: isHidden, Advertise: ["203.0.113.7", "203.0.113.8:50009"]));
        using var viewer = new SocketViewer();
        var answer = (await rig.OfferAsync("alice", viewer.Offer)).Answer!;

        var candidates = Regex.Matches(answer, "a=candidate:.*?\r\n").Select(line => line.Value).ToList();
        Assert.Equal(isRelayOnly ? 0 : 2, candidates.Count(line => line.Contains(" 203.0.113.", StringComparison.Ordinal)));
        Assert.Equal(!isHidden && !isRelayOnly, candidates.Exists(line => !line.Contains(" 203.0.113.", StringComparison.Ordinal)));
        if (!isRelayOnly)
        {
            Assert.Contains(candidates, line => line.Contains($" 203.0.113.7 {rig.Loop.Port} typ host", StringComparison.Ordinal));
            Assert.Contains(candidates, line => line.Contains(" 203.0.113.8 50009 typ host", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_change_of_addresses_is_told_until_it_is_taken()
    {
        using var stop = new CancellationTokenSource();
        IReadOnlyList<TransportAddress> before = [TransportAddress.From(IPAddress.Parse("192.0.2.1"), 1)];
        IReadOnlyList<TransportAddress> after = [TransportAddress.From(IPAddress.Parse("192.0.2.2"), 1)];
        var told = new System.Collections.Concurrent.ConcurrentQueue<IReadOnlyList<TransportAddress>>();
        using var watch = new HostWatch(() => after, addresses =>
        {
            told.Enqueue(addresses);
            return told.Count > 1;
        });
        var running = watch.RunAsync(before, stop.Token);
        await Wait.UntilAsync(
            () =>
            {
                watch.Look();
                return told.Count == 2;
            },
            "the change, twice");
        for (var looks = 0; looks < 30; looks++)
        {
            watch.Look();
            await Task.Delay(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken);
        }

        await stop.CancelAsync();
        await running;
        Assert.Equal([after, after], told);
    }

    private static string Value(string sdp, string name) => Regex.Match(sdp, $"a={name}:(.*?)\r\n").Groups[1].Value;
}
