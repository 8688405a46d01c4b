using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>Servers that the stream is published to, as peers of the loop that serves the viewers.</summary>
public sealed class OutputTests
{
    [Fact]
    public async Task An_output_is_sent_every_picture_and_takes_no_viewers_place()
    {
        await using var rig = PeerRig.WithCamera(new PeersOptions(MaxViewers: 1));
        rig.StartCamera();
        var server = await rig.PublishAsync("sfu");
        Assert.Equal(0, rig.Loop.Statistics.Viewers);
        var viewer = await rig.JoinAsync("alice");
        Assert.Equal(1, rig.Loop.Statistics.Viewers);
        await PeerRig.MustPlayAsync(server);
        await PeerRig.MustPlayAsync(viewer);

        var reports = await rig.Loop.DescribeAsync();
        Assert.Equal([("alice", null), ("output sfu", "sfu")], reports.Select(static report => (report.Key, report.Output)).Order());
        using var second = new SocketViewer();
        Assert.Equal(429, (await rig.OfferAsync("bob", second.Offer)).Code);
    }

    [Fact]
    public async Task Another_connection_takes_the_place_of_the_first_and_viewers_do_not_notice()
    {
        await using var rig = PeerRig.WithCamera();
        rig.StartCamera();
        var viewer = await rig.JoinAsync("alice");
        await rig.PublishAsync("sfu");
        var second = await rig.PublishAsync("sfu");
        Assert.Equal(("sfu", CloseReason.Remote), Assert.Single(rig.Closed) is var closed ? (closed.Viewer, closed.Reason) : default);
        await PeerRig.MustPlayAsync(second);
        await PeerRig.MustPlayAsync(viewer);
        rig.Loop.Close("output sfu");
        await Wait.UntilAsync(() => rig.Closed.Count == 2, "closed");
        Assert.Equal(1, rig.Loop.Statistics.Viewers);
        await PeerRig.MustPlayAsync(viewer);
    }

    [Fact]
    public async Task Without_a_picture_there_is_no_offer_and_an_answer_of_no_use_costs_nothing()
    {
        await using var rig = new PeerRig();
        var (none, refused) = await rig.Loop.MakeOfferAsync("output sfu", rig.Stream);
        Assert.Null(none);
        Assert.Equal(480, refused.Code);

        rig.Stream.OnStreamInfo(PeerRig.Info);
        var (offer, _) = await rig.Loop.MakeOfferAsync("output sfu", rig.Stream);
        var result = await rig.Loop.ConnectAsync("output sfu", "sfu", rig.Stream, offer!, "v=0\r\nm=video 0 UDP/TLS/RTP/SAVPF 96\r\n", rig.ObserverOf("sfu"));
        Assert.Equal((null, 400), (result.Answer, result.Code));
        Assert.Contains("declines", result.Message, StringComparison.Ordinal);
        var fault = await rig.Loop.ConnectAsync("output sfu", "sfu", rig.Stream, offer!, null!, rig.ObserverOf("sfu"));
        Assert.Equal((null, 503), (fault.Answer, fault.Code));
        Assert.Null((await rig.Loop.BeginRestartAsync("output sfu")).Answer);
        Assert.Empty(await rig.Loop.DescribeAsync());
    }
}
