using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>Who turns to which camera, in virtual time: when the picture changes, who is asked for what, and whose encoders follow.</summary>
public sealed class SelectTests : IDisposable
{
    private const long K = 1000;

    private readonly AccessUnitPool _pool = new();
    private readonly DtlsContext _dtls = new(DtlsCertificate.Create(DateTimeOffset.UtcNow, new SystemRandom()));
    private readonly Dictionary<PeerConnection, long> _networks = [];
    private readonly List<IDisposable> _made = [];
    private readonly List<Viewer> _viewers = [];
    private readonly List<string> _switched = [];
    private readonly Audience _audience;
    private readonly Camera _porch = new("porch", isLive: true), _yard = new("yard", isLive: true), _gate = new("gate", isLive: false);
    private Instant _now = new(TimeSpan.TicksPerDay);

    public SelectTests()
    {
        _audience = new(new Inbox(), peer => new(_networks[peer], true, default, 0, default), viewer => _switched.Add(viewer.Current.Name));
        foreach (var camera in (Camera[])[_porch, _yard, _gate])
            camera.Begin(() => _now);
    }

    public void Dispose()
    {
        foreach (var camera in (Camera[])[_porch, _yard, _gate])
            camera.End();
        _made.ForEach(made => made.Dispose());
        _dtls.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void The_other_camera_s_latest_group_is_there_at_once_where_the_network_carries_it()
    {
        var viewer = Join(_porch, 4000 * K);
        Give(_yard.Main, isIdr: true);
        Give(_yard.Main, isIdr: false);
        Select(viewer, _yard);
        Assert.Equal((_yard.Main, _yard.Main, null), (viewer.Stream, viewer.Current, viewer.Next));
        Assert.Equal(0, _yard.Source.KeyFrames);
        Assert.Equal((false, true), (_porch.Source.IsWanted, _yard.Source.IsWanted));
        Assert.Equal(["yard"], _switched);
    }

    [Fact]
    public void Where_it_does_not_a_key_frame_is_asked_for_and_the_former_picture_goes_on_until_that_comes()
    {
        var viewer = Join(_porch, 4000 * K);
        Give(_porch.Main, isIdr: true);
        Give(_yard.Main, isIdr: true, 100_000);
        Select(viewer, _yard);
        Assert.Equal((_porch.Main, _yard.Main, 1), (viewer.Current, viewer.Next, _yard.Source.KeyFrames));
        Assert.True(_porch.Source.IsWanted);
        Give(_porch.Main, isIdr: false);
        Give(_yard.Main, isIdr: false);
        Assert.Equal(_porch.Main, viewer.Current);
        Assert.Empty(_switched);
        Give(_yard.Main, isIdr: true);
        Assert.Equal((_yard.Main, null), (viewer.Current, viewer.Next));
        Assert.False(_porch.Source.IsWanted);
        Assert.Equal(["yard"], _switched);
    }

    [Fact]
    public void Who_turns_back_before_the_picture_came_stays()
    {
        var viewer = Join(_porch, 4000 * K);
        Select(viewer, _yard);
        Select(viewer, _porch);
        Assert.Equal((_porch.Main, _porch.Main, null), (viewer.Stream, viewer.Current, viewer.Next));
        Assert.False(_yard.Source.IsWanted);
        Give(_yard.Main, isIdr: true);
        Assert.Equal(_porch.Main, viewer.Current);
        _audience.Leave(viewer);
        Assert.False(_porch.Source.IsWanted);
        Assert.Equal(Instant.Never, _audience.NextTimeout);
    }

    [Fact]
    public void Who_leaves_between_two_cameras_takes_both_along()
    {
        var viewer = Join(_porch, 4000 * K);
        Select(viewer, _yard);
        _audience.Leave(viewer);
        Assert.Equal((false, false), (_porch.Source.IsWanted, _yard.Source.IsWanted));
        Assert.Equal(Instant.Never, _audience.NextTimeout);
    }

    [Fact]
    public void The_encoders_of_both_cameras_follow()
    {
        var (slow, fast) = (Join(_porch, 2000 * K), Join(_porch, 4000 * K));
        Run(0.4);
        Assert.Equal(1800 * K, _porch.Source.Bitrates[^1]);
        Select(slow, _yard);
        Run(10);
        Assert.Equal(1800 * K, _yard.Source.Bitrates[^1]);
        Assert.Equal(1800 * K, _porch.Source.Bitrates[^1]); // whose picture it still has
        Give(_yard.Main, isIdr: true);
        Run(10);
        Assert.Equal(2500 * K, _porch.Source.Bitrates[^1]); // nobody is slowed down there any more
        Select(slow, _porch);
        Assert.Equal(1800 * K, _yard.Source.Bitrates[^1]);
        Give(_porch.Main, isIdr: true);
        Assert.Equal(2500 * K, _yard.Source.Bitrates[^1]); // at its best for whoever comes next
        Assert.Equal(_porch.Main, fast.Current);
    }

    [Fact]
    public void Until_the_other_camera_s_picture_comes_the_former_one_stays_as_the_network_needs_it()
    {
        var viewer = Join(_porch, 1000 * K);
        Give(_porch.Main, isIdr: true);
        Run(0.4);
        Assert.Equal(900 * K, _porch.Source.Bitrates[^1]);
        Select(viewer, _yard);
        Select(viewer, _gate); // of several in a row
        Run(0.4);
        Assert.Equal(900 * K, _porch.Source.Bitrates[^1]);
        Assert.Equal(2500 * K, _yard.Source.Bitrates[^1]); // that has nobody again
        _networks[viewer.Peer] = 800 * K;
        Run(0.4);
        Assert.Equal(720 * K, _porch.Source.Bitrates[^1]);
        Select(viewer, _porch);
        Run(0.4);
        Assert.Equal((_porch.Main, _porch.Main, null), (viewer.Stream, viewer.Current, viewer.Next));
        Assert.Equal((720 * K, StreamChoice.Auto), (_porch.Source.Bitrates[^1], viewer.Demand.Choice));
        _audience.Leave(viewer);
        Assert.Equal((2500 * K, Instant.Never), (_porch.Source.Bitrates[^1], _audience.NextTimeout));
    }

    [Fact]
    public void Who_falls_behind_while_it_waits_for_another_camera_costs_the_former_one_s_viewers_nothing()
    {
        var (viewer, other) = (Join(_porch, 4000 * K), Join(_porch, 4000 * K));
        Give(_porch.Main, isIdr: true);
        Run(2);
        var before = _porch.Source.KeyFrames;
        Select(viewer, _yard);
        _audience.HandleFellBehind(viewer, _now);
        Assert.Equal((before, _porch.Main), (_porch.Source.KeyFrames, viewer.Current));
        _audience.Leave(other);
        _audience.HandleFellBehind(viewer, _now);
        Assert.Equal(before + 1, _porch.Source.KeyFrames); // nobody else pays
    }

    [Fact]
    public void A_substream_that_the_camera_turned_out_not_to_give_is_not_waited_for()
    {
        _gate.Source.GivesSubstream = false;
        _gate.Main.OnStateChanged(CameraState.Live, "");
        var viewer = Join(_gate, 4000 * K);
        Give(_gate.Main, isIdr: true);
        Select(viewer, _gate, StreamChoice.Substream);
        Run(5);
        Assert.Equal((false, _gate.Main, null), (_gate.Main.HasSubstream, viewer.Current, viewer.Next));
    }

    [Fact]
    public void A_substream_that_was_chosen_is_taken_again_after_the_camera_s_break()
    {
        _porch.Main.OnStateChanged(CameraState.Live, "");
        var viewer = Join(_porch, 4000 * K);
        Select(viewer, _porch, StreamChoice.Substream);
        Give(_porch.Main.Substream!, isIdr: true);
        for (var i = 0; i < 2; i++)
        {
            _porch.Main.OnStateChanged(CameraState.Lost, "it was unplugged");
            _porch.Source.GivesSubstream = false; // as long as nobody knows what it is
            Run(2);
            Assert.Equal((true, _porch.Main.Substream), (viewer.Demand.TakesSubstream, viewer.Next ?? viewer.Current));
            _porch.Source.GivesSubstream = true;
            _porch.Main.OnStateChanged(CameraState.Live, "");
            Run(2);
            Assert.Equal((true, _porch.Main.Substream), (viewer.Demand.TakesSubstream, viewer.Next ?? viewer.Current));
        }

        _porch.Source.GivesSubstream = false; // another camera in its place, and then the first one again
        Run(0.4);
        Assert.Equal(_porch.Main, viewer.Next);
        _porch.Source.GivesSubstream = true;
        Run(0.4);
        Assert.Equal((StreamChoice.Substream, null), (viewer.Demand.Choice, viewer.Next));
        Assert.Equal(_porch.Main.Substream, viewer.Current);
    }

    [Fact]
    public void Changes_are_bounded_as_what_they_may_cost_the_others_is()
    {
        var viewer = Join(_porch, 4000 * K);
        Assert.Equal(8, Enumerable.Range(0, 20).Count(_ => viewer.TryTakeSelection(_now)));
        var taken = 0;
        for (var i = 0; i < 100; i++)
        {
            _now += TimeSpan.FromSeconds(0.1);
            taken += viewer.TryTakeSelection(_now) ? 1 : 0;
        }

        Assert.InRange(taken, 4, 5);
    }

    [Fact]
    public void A_stream_that_the_viewer_chose_stays_whatever_its_network_carries()
    {
        var viewer = Join(_porch, 4000 * K);
        Select(viewer, _porch, StreamChoice.Substream);
        Assert.Equal((_porch.Main.Substream, 1), (viewer.Next, _porch.Source.Second!.KeyFrames));
        Give(_porch.Main.Substream!, isIdr: true);
        Run(30);
        Assert.Equal((_porch.Main.Substream, null), (viewer.Current, viewer.Next));

        Select(viewer, _porch, StreamChoice.Main);
        Assert.Equal(_porch.Main, viewer.Next);
        Give(_porch.Main, isIdr: true);
        Join(_porch, 4000 * K);
        _networks[viewer.Peer] = 100 * K;
        Run(30);
        Assert.Equal((_porch.Main, null), (viewer.Current, viewer.Next));
        Assert.Equal(2500 * K, _porch.Source.Bitrates[^1]); // and the others are not slowed down for it
        Select(viewer, _porch); // auto
        Run(2);
        Assert.Equal(_porch.Main.Substream, viewer.Next);
    }

    [Fact]
    public void A_camera_that_gives_both_streams_itself_gives_the_second_to_whom_the_first_is_too_much()
    {
        _gate.Main.OnStateChanged(CameraState.Live, "");
        _gate.Main.Substream!.OnStateChanged(CameraState.Live, "");
        for (var i = 0; i < 60; i++, _now += TimeSpan.FromMilliseconds(50))
            Give(_gate.Main, i % 20 == 0, 12_500); // 2 Mbit/s
        var (fast, slow) = (Join(_gate, 6000 * K), Join(_gate, 6000 * K));
        _networks[slow.Peer] = 800 * K;
        Run(2);
        Assert.Equal((_gate.Main, _gate.Main.Substream), (fast.Next ?? fast.Current, slow.Next));
        Give(_gate.Main.Substream!, isIdr: true);
        _networks[slow.Peer] = 6000 * K;
        Run(8);
        Assert.Equal((_gate.Main.Substream, _gate.Main), (slow.Current, slow.Next));
        Assert.Empty(_gate.Source.Bitrates);
    }

    [Fact]
    public void Where_one_of_both_streams_is_away_the_other_is_shown_until_it_is_back()
    {
        var sub = _gate.Main.Substream!;
        _gate.Main.OnStateChanged(CameraState.Live, "");
        sub.OnStateChanged(CameraState.Live, "");
        Give(_gate.Main, isIdr: true);
        var viewer = Join(_gate, 6000 * K);
        _gate.Main.OnStateChanged(CameraState.Lost, "no picture for 3 s");
        Run(0.3);
        Assert.Equal(sub, viewer.Next);
        Give(sub, isIdr: true);
        Assert.Equal(sub, viewer.Current);
        _gate.Main.OnStateChanged(CameraState.Live, "");
        Run(0.3);
        Give(_gate.Main, isIdr: true);
        Assert.Equal(_gate.Main, viewer.Current);
        sub.OnStateChanged(CameraState.Refused, "B-frames");
        Select(viewer, _gate, StreamChoice.Substream);
        Assert.Equal((_gate.Main, null), (viewer.Current, viewer.Next));
    }

    private Viewer Join(Camera camera, long network)
    {
        var address = TransportAddress.From(System.Net.IPAddress.Loopback, 1000 + _made.Count);
        var browser = new VirtualViewer(_made.Count, address, _now, keepPictures: false);
        var options = new PeerConnectionOptions(_dtls, new SystemRandom(), MonotonicClock.ToNtp(), [address], [], PeerRig.Info.Profile, camera.Main.Name);
        Assert.True(PeerConnection.TryAccept(browser.Offer, options, _now, out var peer, out _, out var error), error?.Message);
        var viewer = new Viewer($"viewer{_made.Count}", peer!, camera.Main, null!);
        _made.AddRange([browser, viewer]);
        _networks[viewer.Peer] = network;
        _audience.Join(viewer, _now);
        _viewers.Add(viewer);
        return viewer;
    }

    private void Select(Viewer viewer, Camera camera, StreamChoice choice = StreamChoice.Auto) => _audience.Select(viewer, camera.Main, choice, _now);

    private void Run(double seconds)
    {
        for (var end = _now + TimeSpan.FromSeconds(seconds); _now < end;)
        {
            _now += TimeSpan.FromMilliseconds(50);
            _audience.HandleTimeout(_now);
        }
    }

    private void Give(LiveStream stream, bool isIdr, int size = 1000)
    {
        using var unit = Pictures.Make(_pool, isIdr, size);
        stream.OnAccessUnit(unit);
        foreach (var viewer in _viewers.Where(viewer => viewer.IsWatching && viewer.Takes(stream)))
            _audience.Deliver(viewer, stream, unit, _now);
    }

    private sealed class Inbox : IFrameReceiver
    {
        public void Offer(LiveStream stream, AccessUnit unit)
        {
        }
    }

    /// <summary>A camera of the test's; where it is not live, its encoders are its own.</summary>
    private sealed class Camera(string name, bool isLive)
    {
        private LiveStream? _main;

        public EncoderSource Source { get; } = new(new(null, isLive), isLive);

        public LiveStream Main => _main!;

        public void Begin(Func<Instant> clock)
        {
            _main = new(name, clock, new(2500 * K, 500 * K, 300 * K), new($"{name} (substream)", clock));
            _ = _main.RunAsync(Source, CancellationToken.None);
            _main.OnStreamInfo(PeerRig.Info);
        }

        public void End()
        {
            Main.OnStateChanged(CameraState.Lost, "the test is over");
            Main.Substream!.OnStateChanged(CameraState.Lost, "the test is over");
        }
    }
}
