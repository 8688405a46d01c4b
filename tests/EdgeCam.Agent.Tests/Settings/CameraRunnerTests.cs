using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Settings;

/// <summary>A camera whose settings change while it runs.</summary>
public sealed class CameraRunnerTests
{
    private static readonly CameraOptions s_options = new("cam0", "rpicam:0", Encoder: "software", Bitrate: 2_000_000);

    private readonly List<FakeSource> _sources = [];

    [Fact]
    public async Task Another_bitrate_goes_to_the_running_encoder()
    {
        using var runner = new CameraRunner(s_options, Create);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await Wait.UntilAsync(() => _sources.Count == 1, "a source");

        runner.Change(s_options with { Bitrate = 900_000 }, restarts: false);

        Assert.Equal((900_000, 900_000), (Assert.Single(_sources).Bitrate, runner.Stream.Limits.MostMain));
        await stop.CancelAsync();
        await running;
        Assert.Single(_sources);
    }

    [Fact]
    public async Task Another_size_starts_another_source_for_the_same_stream()
    {
        using var runner = new CameraRunner(s_options, Create);
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        await Wait.UntilAsync(() => _sources.Count == 1, "a source");
        var receiver = new Receiver();
        runner.Stream.Subscribe(receiver);
        runner.Stream.OnStateChanged(CameraState.Live, "");

        runner.Change(s_options with { Width = 640 }, restarts: true);
        await Wait.UntilAsync(() => _sources.Count == 2 && _sources[1].IsRunning, "another source");

        Assert.Equal((false, 640, true), (_sources[0].IsRunning, _sources[1].Options.Width, _sources[1].IsWanted)); // the viewers are still there
        Assert.Equal("starting", runner.Report.State); // so that nobody takes it for proved
        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Changes_one_right_after_another_end_no_camera()
    {
        using var runner = new CameraRunner(s_options, static options => new FakeSource(options));
        using var stop = new CancellationTokenSource();
        var running = runner.RunAsync(stop.Token);
        Parallel.For(0, 50_000, i => runner.Change(s_options with { Width = 640 + (i % 2 * 64) }, restarts: true));
        Assert.False(running.IsCompleted, running.Exception?.ToString());
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_source_that_ends_by_itself_is_not_started_again_and_again()
    {
        using var runner = new CameraRunner(s_options, options => new FakeSource(options) { EndsAtOnce = true });
        await runner.RunAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_substream_is_reported_until_the_camera_turns_out_to_give_none()
    {
        using var runner = new CameraRunner(s_options, options => new FakeSource(options) { EndsAtOnce = true });
        await runner.RunAsync(CancellationToken.None); // what it gives is seen when it is open
        Assert.True(runner.Report.Substream);
        runner.Stream.OnStateChanged(CameraState.Live, "");
        Assert.Null(runner.Report.Substream);
    }

    private FakeSource Create(CameraOptions options)
    {
        var source = new FakeSource(options);
        _sources.Add(source);
        return source;
    }

    private sealed class Receiver : IFrameReceiver
    {
        public void Offer(LiveStream stream, AccessUnit unit)
        {
        }
    }

    private sealed class FakeSource(CameraOptions options) : ICameraSource
    {
        private volatile bool _isRunning;

        public CameraOptions Options => options;

        public bool IsRunning => _isRunning;

        public bool IsWanted { get; private set; }

        public bool EndsAtOnce { get; init; }

        public long Bitrate { get; private set; }

        public bool HasLiveBitrate => true;

        public async Task RunAsync(IAccessUnitSink sink, CancellationToken stop)
        {
            if (EndsAtOnce)
                return;
            _isRunning = true;
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _isRunning = false;
        }

        public bool RequestKeyFrame() => false;

        public void SetBitrate(long bitsPerSecond) => Bitrate = bitsPerSecond;

        public void SetWanted(bool isWanted) => IsWanted = isWanted;
    }
}
