using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Streaming;

/// <summary>One camera, many receivers: nobody waits for anybody, and every picture comes back.</summary>
public sealed class LiveStreamTests : IDisposable
{
    private readonly AccessUnitPool _pool = new();
    private readonly LiveStream _stream;
    private Instant _now;

    public LiveStreamTests() => _stream = new("cam0", () => _now);

    public void Dispose()
    {
        _stream.OnStateChanged(CameraState.Lost, "the test is over");
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Pictures_are_numbered_without_gaps_and_packetized_once_for_all()
    {
        var first = new Receiver();
        var second = new Receiver();
        _stream.Subscribe(first);
        _stream.Subscribe(second);

        Give(isIdr: true);
        Give(isIdr: false);

        Assert.Equal([0, 1], first.Seen.Select(seen => seen.Number));
        Assert.Equal([0, 1], second.Seen.Select(seen => seen.Number));
        Assert.All(first.Seen, seen => Assert.True(seen.Payloads > 1)); // more than one datagram each
        Assert.Equal(first.Seen, second.Seen); // the same units with the same payloads
        Assert.Equal(2, _stream.Pictures);
    }

    [Fact]
    public void A_receiver_is_lent_the_picture_and_keeps_it_only_where_it_retains_it()
    {
        var keeper = new Receiver { Keeps = true };
        _stream.Subscribe(keeper);
        Give(isIdr: true);
        _stream.OnStateChanged(CameraState.Lost, "");
        Assert.Equal(1, _pool.Outstanding);

        keeper.GiveBack();
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public void Whoever_unsubscribed_gets_nothing_more()
    {
        var receiver = new Receiver();
        _stream.Subscribe(receiver);
        Give(isIdr: true);
        _stream.Unsubscribe(receiver);
        Give(isIdr: false);

        Assert.Single(receiver.Seen);
    }

    [Fact]
    public void A_joiner_is_lent_the_latest_group_from_its_IDR_picture_on()
    {
        foreach (var isIdr in new[] { true, false, false, true, false })
            Give(isIdr);

        Assert.Equal([3, 4], Joiner());
    }

    [Fact]
    public void A_joiner_before_the_first_IDR_picture_gets_nothing()
    {
        Give(isIdr: false);
        Assert.Empty(Joiner());
    }

    [Theory]
    [InlineData(CameraState.Lost)]
    [InlineData(CameraState.Refused)]
    [InlineData(CameraState.Starting)]
    public void Pictures_from_before_a_break_are_not_shown_as_live(object state)
    {
        Give(isIdr: true);
        _stream.OnStateChanged((CameraState)state, "the cable is off");

        Assert.Empty(Joiner());
        Assert.Equal("the cable is off", _stream.Detail);
        Give(isIdr: false);
        Assert.Empty(Joiner());
        Give(isIdr: true);
        Assert.Equal([2], Joiner());
    }

    [Fact]
    public async Task The_group_goes_when_the_source_ends()
    {
        var source = new Source { OnRun = () => Give(isIdr: true) };
        await _stream.RunAsync(source, CancellationToken.None);
        Assert.Equal(0, _pool.Outstanding);
    }

    [Fact]
    public async Task Key_frames_are_asked_for_once_a_second_however_many_ask()
    {
        var source = new Source();
        await _stream.RunAsync(source, CancellationToken.None);

        for (var i = 0; i < 100; i++)
            _stream.RequestKeyFrame();
        Assert.Equal(1, source.Requests);

        _now += TimeSpan.FromMilliseconds(999);
        Assert.False(_stream.RequestKeyFrame());
        _now += TimeSpan.FromMilliseconds(1);
        Assert.True(_stream.RequestKeyFrame());
        Assert.Equal((2, 2), (source.Requests, _stream.KeyFrameRequests));
    }

    [Fact]
    public async Task Every_request_counts_however_many_loops_ask_at_once()
    {
        long second = 0;
        var stream = new LiveStream("cam0", () => new(Interlocked.Increment(ref second) * TimeSpan.TicksPerSecond));
        await stream.RunAsync(new Source(), CancellationToken.None);
        long passed = 0;
        Parallel.For(0, 3_000_000, _ => Interlocked.Add(ref passed, stream.RequestKeyFrame() ? 1 : 0));
        Assert.Equal((3_000_000, passed), (passed, stream.KeyFrameRequests));
    }

    [Fact]
    public async Task A_source_that_cannot_give_one_is_not_counted()
    {
        await _stream.RunAsync(new Source { Obeys = false }, CancellationToken.None);
        Assert.False(_stream.RequestKeyFrame());
        Assert.Equal(0, _stream.KeyFrameRequests);
    }

    [Fact]
    public void Nobody_to_ask_is_no_fault() => Assert.False(_stream.RequestKeyFrame());

    [Fact]
    public void State_and_stream_information_are_told_as_they_change()
    {
        List<(CameraState, int?)> told = [];
        _stream.Changed += stream => told.Add((stream.State, stream.Info?.Width));

        _stream.OnStateChanged(CameraState.Starting, "");
        _stream.OnStreamInfo(new(new(66, 0xE0, 31), 1280, 720));
        _stream.OnStateChanged(CameraState.Live, "");

        Assert.Equal([(CameraState.Starting, null), (CameraState.Starting, 1280), (CameraState.Live, 1280)], told);
    }

    private void Give(bool isIdr)
    {
        using var unit = Pictures.Make(_pool, isIdr);
        _stream.OnAccessUnit(unit);
    }

    private List<long> Joiner()
    {
        List<AccessUnit> group = [];
        _stream.CopyLatestTo(group);
        List<long> numbers = [.. group.Select(unit => unit.Number)];
        group.ForEach(unit => unit.Dispose());
        return numbers;
    }

    private sealed class Receiver : IFrameReceiver
    {
        private readonly List<AccessUnit> _kept = [];

        public bool Keeps { get; init; }

        public List<(long Number, int Payloads, AccessUnit Unit)> Seen { get; } = [];

        public void Offer(LiveStream stream, AccessUnit unit)
        {
            Seen.Add((unit.Number, unit.Payloads.Length, unit));
            if (Keeps)
                _kept.Add(unit.Retain());
        }

        public void GiveBack() => _kept.ForEach(unit => unit.Dispose());
    }

    private sealed class Source : ICameraSource
    {
        public bool Obeys { get; init; } = true;

        public Action OnRun { get; init; } = () => { };

        public int Requests { get; private set; }

        public Task RunAsync(IAccessUnitSink sink, CancellationToken stop)
        {
            OnRun();
            return Task.CompletedTask;
        }

        public bool RequestKeyFrame()
        {
            Requests += Obeys ? 1 : 0;
            return Obeys;
        }
    }
}
