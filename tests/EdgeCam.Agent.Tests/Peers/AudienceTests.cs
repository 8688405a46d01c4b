using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Congestion;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>Who is sent which stream, in virtual time: the networks are what the test says they are.</summary>
public sealed class AudienceTests : IDisposable
{
    private const long K = 1000;

    private readonly AccessUnitPool _pool = new();
    private readonly DtlsContext _dtls = new(DtlsCertificate.Create(DateTimeOffset.UtcNow, new SystemRandom()));
    private readonly Dictionary<PeerConnection, long> _networks = [];
    private readonly List<IDisposable> _made = [];
    private readonly List<Viewer> _viewers = [];
    private readonly Inbox _inbox = new();
    private readonly Audience _audience;
    private readonly LiveStream _sub;
    private readonly LiveStream _main;
    private readonly EncoderSource _source = new(new(null));
    private Instant _now = new(TimeSpan.TicksPerDay);

    public AudienceTests()
    {
        _audience = new(_inbox, peer => new(_networks[peer], true, default, 0, default));
        _sub = new("cam0 (substream)", () => _now);
        _main = new("cam0", () => _now, new(2500 * K, 500 * K, 300 * K), _sub);
        _ = _main.RunAsync(_source, CancellationToken.None);
    }

    public void Dispose()
    {
        foreach (var stream in (LiveStream[])[_main, _sub])
            stream.OnStateChanged(CameraState.Lost, "the test is over");
        _made.ForEach(made => made.Dispose());
        _dtls.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void One_slow_viewer_changes_to_the_substream_at_its_IDR_picture_and_the_others_keep_the_main_bitrate()
    {
        var viewers = Enumerable.Range(0, 4).Select(_ => Join(4000 * K)).ToList();
        Run(2);
        Assert.False(_source.Second!.IsWanted);
        _networks[viewers[3].Peer] = 400 * K;
        Run(0.2);
        Assert.Equal((_main, _sub), (viewers[3].Current, viewers[3].Next));
        Assert.True(_source.Second.IsWanted);
        Assert.Equal(1, _source.Second.KeyFrames);

        Give(_sub, isIdr: false);
        Give(_main, isIdr: true);
        Assert.Equal(_main, viewers[3].Current); // it goes on with the main stream until it can begin with the other
        Give(_sub, isIdr: true);
        Assert.Equal((_sub, null), (viewers[3].Current, viewers[3].Next));
        Assert.All(viewers.Take(3), viewer => Assert.Equal((_main, null), (viewer.Current, viewer.Next)));
        Assert.Equal([2500 * K], _source.Bitrates);
        Assert.Equal([300 * K], _source.Second.Bitrates);
        Assert.Equal(1, _source.KeyFrames); // none but the first viewer's
    }

    [Fact]
    public void Nobody_is_left_with_a_substream_that_the_camera_gives_no_more()
    {
        var (_, viewer) = (Join(4000 * K), Join(300 * K));
        Run(0.3);
        Give(_sub, isIdr: true);
        Assert.Equal(_sub, viewer.Current);
        _main.OnStateChanged(CameraState.Live, "");
        _source.GivesSubstream = false; // it was replaced by one that encodes by itself
        Run(0.3);
        Assert.Equal((false, _main), (_main.Limits.HasSubstream, viewer.Next));
    }

    [Fact]
    public void It_comes_back_at_the_main_stream_s_next_IDR_picture_and_asks_for_one_only_if_none_comes()
    {
        var (fast, viewer) = (Join(4000 * K), Join(300 * K));
        Run(0.3);
        Give(_sub, isIdr: true);
        Assert.Equal(_sub, viewer.Current);
        _networks[viewer.Peer] = 4000 * K;
        Run(2.5);
        Assert.Equal((_sub, _main), (viewer.Current, viewer.Next));
        var asked = _source.KeyFrames;
        Run(2.5);
        Assert.Equal(asked, _source.KeyFrames);
        Run(1);
        Assert.Equal(asked + 1, _source.KeyFrames);

        Give(_main, isIdr: true);
        Assert.Equal((_main, null), (viewer.Current, viewer.Next));
        Assert.False(_source.Second!.IsWanted); // nobody takes it any more
        Assert.Equal((_main, null), (fast.Current, fast.Next));
    }

    [Fact]
    public void Who_falls_behind_waits_for_the_main_stream_s_next_IDR_picture_and_has_the_substream_s_at_once()
    {
        var (fast, slow) = (Join(4000 * K), Join(300 * K));
        Run(0.3);
        Give(_sub, isIdr: true);
        Assert.Equal(_sub, slow.Current);
        var (main, sub) = (_source.KeyFrames, _source.Second!.KeyFrames);
        Run(2);
        _audience.HandleFellBehind(fast, _now);
        Assert.Equal((main, sub), (_source.KeyFrames, _source.Second.KeyFrames)); // the others would pay
        _audience.HandleFellBehind(slow, _now);
        Assert.Equal((main, sub + 1), (_source.KeyFrames, _source.Second.KeyFrames));
        _audience.Leave(slow);
        _audience.HandleFellBehind(fast, _now);
        Assert.Equal(main + 1, _source.KeyFrames); // nobody else pays
    }

    [Fact]
    public void Who_comes_new_with_little_to_go_by_begins_with_the_substream_and_its_key_frame()
    {
        Join(4000 * K);
        Run(0.3);
        var asked = _source.KeyFrames;
        var viewer = Join(1000 * K);
        Assert.Equal((_sub, null), (viewer.Current, viewer.Next));
        Assert.Equal((asked, 1), (_source.KeyFrames, _source.Second!.KeyFrames));
        Assert.True(_source.Second.IsWanted);
    }

    [Fact]
    public void Whose_network_recovers_before_the_change_stays_where_it_is()
    {
        Join(4000 * K);
        var viewer = Join(300 * K);
        Run(0.3);
        Assert.Equal(_sub, viewer.Next);
        viewer.Demand.TakesSubstream = false;
        _networks[viewer.Peer] = 4000 * K;
        Run(0.2);
        Assert.Equal((_main, null), (viewer.Current, viewer.Next));
        Assert.False(_source.Second!.IsWanted);
    }

    [Fact]
    public void The_encoder_follows_the_only_viewer()
    {
        var viewer = Join(2000 * K);
        Run(0.3);
        Assert.Equal(1800 * K, _source.Bitrates[^1]);
        _networks[viewer.Peer] = 1000 * K;
        Run(0.3);
        Assert.Equal(900 * K, _source.Bitrates[^1]);
    }

    [Fact]
    public void After_the_last_viewer_the_encoders_are_at_their_best_again()
    {
        var (slow, slower) = (Join(700 * K), Join(100 * K));
        Run(3);
        Assert.Equal((630 * K, 90 * K), (_source.Bitrates[^1], _source.Second!.Bitrates[^1]));
        _audience.Leave(slow);
        Assert.NotEqual(300 * K, _source.Second.Bitrates[^1]);
        _audience.Leave(slower);
        Assert.Equal((2500 * K, 300 * K), (_source.Bitrates[^1], _source.Second.Bitrates[^1]));
    }

    [Fact]
    public void Who_leaves_takes_its_streams_along()
    {
        Join(4000 * K);
        var viewer = Join(300 * K);
        Run(0.3);
        _audience.Leave(viewer); // between two streams
        Assert.False(_source.Second!.IsWanted);
        Assert.True(_source.IsWanted);
        _inbox.Lent = 0;
        Give(_sub, isIdr: true);
        Assert.Equal(0, _inbox.Lent);
    }

    [Fact]
    public void When_all_have_left_nothing_is_due()
    {
        var viewer = Join(4000 * K);
        Assert.NotEqual(Instant.Never, _audience.NextTimeout);
        _audience.Leave(viewer);
        _audience.Leave(viewer);
        Assert.Equal(Instant.Never, _audience.NextTimeout);
        Assert.False(_source.IsWanted);
    }

    [Theory]
    [InlineData(1000, 0)] // its network carries the group: nobody else is bothered
    [InlineData(100_000, 1)]
    public void A_joiner_begins_with_the_latest_group_where_that_is_carried_at_once_else_with_a_key_frame(int size, int keyFrames)
    {
        Give(_main, isIdr: true, size);
        Give(_main, isIdr: false, size);
        Join(4000 * K);
        Assert.Equal(keyFrames, _source.KeyFrames);
    }

    [Fact]
    public void Many_who_join_at_once_cost_one_key_frame()
    {
        for (var i = 0; i < 20; i++)
            Join(4000 * K);
        Assert.Equal(1, _source.KeyFrames);
        Give(_main, isIdr: true);
        Run(1.5);
        Give(_main, isIdr: false);
        Assert.Equal(1, _source.KeyFrames); // the one that came serves all
    }

    [Fact]
    public void A_viewer_that_keeps_asking_for_key_frames_is_heard_less_and_less_often()
    {
        var viewer = Join(4000 * K);
        Give(_main, isIdr: true);
        Run(2);
        var before = _source.KeyFrames;
        for (var i = 0; i < 300; i++)
        {
            Audience.RequestKeyFrame(viewer, _now);
            Run(0.1);
        }

        Assert.InRange(_source.KeyFrames - before, 7, 11); // in 30 s
        Assert.True(viewer.IsKeyFrameDue);
        Give(_main, isIdr: true);
        Assert.False(viewer.IsKeyFrameDue);
    }

    [Fact]
    public void A_request_that_came_too_soon_is_not_forgotten()
    {
        var viewer = Join(4000 * K);
        Run(2);
        Audience.RequestKeyFrame(viewer, _now);
        var before = _source.KeyFrames;
        Audience.RequestKeyFrame(viewer, _now);
        Assert.Equal(before, _source.KeyFrames);
        for (var i = 0; i < 15; i++)
        {
            Run(0.1);
            Give(_main, isIdr: false);
        }

        Assert.Equal(before + 1, _source.KeyFrames);
    }

    private Viewer Join(long network)
    {
        var address = TransportAddress.From(System.Net.IPAddress.Loopback, 1000 + _made.Count);
        var browser = new VirtualViewer(_made.Count, address, _now, keepPictures: false);
        var options = new PeerConnectionOptions(_dtls, new SystemRandom(), MonotonicClock.ToNtp(), [address], [], PeerRig.Info.Profile, "cam0");
        Assert.True(PeerConnection.TryAccept(browser.Offer, options, _now, out var peer, out _, out var error), error?.Message);
        var viewer = new Viewer($"viewer{_made.Count}", peer!, _main, null!);
        _made.AddRange([browser, viewer]);
        _networks[viewer.Peer] = network;
        _audience.Join(viewer, _now);
        _viewers.Add(viewer);
        return viewer;
    }

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
        public int Lent { get; set; }

        public void Offer(LiveStream stream, AccessUnit unit) => Lent++;
    }
}
