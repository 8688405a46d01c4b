using System.Text;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>Viewers that turn to another camera on the connection that they have, with real sockets.</summary>
public sealed class PeerSelectTests
{
    private const int Size = 3000, OtherSize = 6000, SubSize = 1500; // by which the pictures are told apart

    [Fact]
    public async Task A_viewer_goes_from_camera_to_camera_without_a_gap_and_is_described_by_what_it_watches()
    {
        await using var rig = Rig(out var results);
        var (viewer, control) = await JoinAsync(rig);
        var source = viewer.Ask(browser => browser.Video.MediaSsrc);
        for (var i = 0; i < 6; i++)
        {
            var isOther = i % 2 == 0;
            Say(viewer, control, isOther ? "cam1 auto" : "cam0 auto");
            await Wait.UntilAsync(() => Near(viewer, isOther ? OtherSize : Size), "the other camera's pictures");
            await PeerRig.MustPlayAsync(viewer);
            var report = Assert.Single(await rig.Loop.DescribeAsync());
            Assert.Equal((isOther ? "cam1" : "cam0", "main"), (report.Camera, report.Stream));
        }

        Assert.All(results, result => Assert.Equal(0, result.Code));
        Assert.Equal((source, true), viewer.Ask(browser => (browser.Video.MediaSsrc, browser.Video.IsInOrder)));
        Assert.Equal(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? "cam1" : "cam0", StreamChoice.Main)), rig.Switched);
        Assert.Empty(rig.Closed);
    }

    [Fact]
    public async Task A_substream_is_taken_because_the_viewer_says_so_and_left_again()
    {
        await using var rig = Rig(out var results);
        var (viewer, control) = await JoinAsync(rig);
        rig.StartCamera(SubSize, rig.Other.Substream);
        Say(viewer, control, "cam1 sub");
        await Wait.UntilAsync(() => Near(viewer, SubSize), "the substream");
        var report = Assert.Single(await rig.Loop.DescribeAsync());
        Assert.Equal(("cam1", "substream"), (report.Camera, report.Stream));
        Say(viewer, control, "- main"); // of the same camera
        await Wait.UntilAsync(() => Near(viewer, OtherSize), "the main stream");
        await PeerRig.MustPlayAsync(viewer);
        Assert.All(results, result => Assert.Equal(0, result.Code));
        Assert.Equal([("cam1", StreamChoice.Substream), ("cam1", StreamChoice.Main)], rig.Switched);
    }

    [Fact]
    public async Task What_cannot_be_shown_is_refused_in_words_and_the_picture_stays()
    {
        await using var rig = Rig(out var results);
        var (viewer, control) = await JoinAsync(rig);

        async Task MustRefuseAsync(string wish, int code, string words)
        {
            results.Clear();
            Say(viewer, control, wish);
            await Wait.UntilAsync(() => results.Count == 1, "an answer");
            Assert.Equal(code, results[0].Code);
            Assert.Contains(words, results[0].Message, StringComparison.Ordinal);
            await PeerRig.MustPlayAsync(viewer);
            Assert.True(Near(viewer, Size));
        }

        await MustRefuseAsync("cam0 sub", 404, "camera cam0 has no substream");
        rig.Other.OnStateChanged(CameraState.Lost, "it was unplugged");
        await MustRefuseAsync("cam1 auto", 480, "camera cam1 has no picture now: it was unplugged");
        await rig.Other.RunAsync(new OwnEncoder(), CancellationToken.None);
        rig.Other.OnStateChanged(CameraState.Live, "");
        await MustRefuseAsync("cam1 sub", 404, "camera cam1 has no substream");
        rig.Other.OnStreamInfo(new(new(100, 0, 31), 640, 480));
        rig.Other.OnStateChanged(CameraState.Live, "");
        await MustRefuseAsync("cam1 auto", 409, "camera cam1 sends H.264 64001f, and this connection was made for 42");
        Assert.Empty(rig.Switched);
    }

    [Fact]
    public async Task Changes_are_bounded()
    {
        await using var rig = Rig(out var results);
        var (viewer, control) = await JoinAsync(rig);
        for (var i = 0; i < 40; i++)
            Say(viewer, control, i % 2 == 0 ? "cam1 auto" : "cam0 auto");
        await Wait.UntilAsync(() => results.Count == 40, "all answers");
        Assert.InRange(results.Count(result => result.Code == 0), 8, 20);
        Assert.All(results.Where(result => result.Code != 0), result => Assert.Equal(429, result.Code));
        await PeerRig.MustPlayAsync(viewer);
    }

    [Fact]
    public async Task A_further_offer_goes_on_with_the_camera_that_was_turned_to()
    {
        await using var rig = Rig(out _);
        var (viewer, control) = await JoinAsync(rig);
        Say(viewer, control, "cam1 auto");
        await Wait.UntilAsync(() => Near(viewer, OtherSize), "the other camera");
        viewer.HandleAnswer((await rig.OfferAsync("alice", viewer.Ask(browser => browser.Restart()))).Answer!); // it names the first one
        await Wait.UntilAsync(() => viewer.Ask(browser => browser.Ice.SelectedPath is { } path && browser.Ice.IsConfirmed(path)), "a path of the new generation");
        await PeerRig.MustPlayAsync(viewer);
        Assert.True(Near(viewer, OtherSize));
        Assert.Equal(1, rig.Loop.Statistics.Viewers);
        Assert.Empty(rig.Closed);
    }

    /// <summary>Two cameras, and viewers whose messages are <c>CAMERA STREAM</c>.</summary>
    private static PeerRig Rig(out List<SelectResult> results)
    {
        var rig = PeerRig.WithCamera();
        rig.Other.OnStreamInfo(PeerRig.Info);
        rig.Other.OnStateChanged(CameraState.Live, "");
        rig.StartCamera(Size);
        rig.StartCamera(OtherSize, rig.Other);
        List<SelectResult> all = results = [];
        rig.OnChannelMessage = (channel, message) =>
        {
            var words = Encoding.UTF8.GetString(message).Split(' ');
            var camera = words[0] switch { "cam0" => rig.Stream, "cam1" => rig.Other, _ => null };
            all.Add(rig.Loop.Select(channel, camera, StreamChoices.Parse(words[1])));
        };
        return rig;
    }

    private static async Task<(SocketViewer Viewer, ushort Control)> JoinAsync(PeerRig rig)
    {
        var viewer = await rig.JoinAsync("alice");
        await PeerRig.MustPlayAsync(viewer);
        return (viewer, viewer.OpenChannel("control"));
    }

    private static void Say(SocketViewer viewer, ushort control, string wish) => Assert.True(viewer.Say(control, Encoding.UTF8.GetBytes(wish)));

    /// <summary>A camera of which a substream was thought possible, until it was open.</summary>
    private sealed class OwnEncoder : ICameraSource
    {
        public bool GivesSubstream => false;

        public Task RunAsync(IAccessUnitSink sink, CancellationToken stop) => Task.CompletedTask;

        public bool RequestKeyFrame() => false;
    }

    private static bool Near(SocketViewer viewer, int size) => viewer.Ask(browser => browser.Video.LastBytes) is var bytes && bytes >= size && bytes < size + 200;
}
