using System.Collections.Concurrent;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>A peers' loop with one stream, whose camera the test is. At the end every picture must have come back.</summary>
internal sealed class PeerRig : IAsyncDisposable, IChannelHandler
{
    public static readonly StreamInfo Info = new(new(66, 0xE0, 31), 640, 480);

    private readonly CancellationTokenSource _stop = new();
    private readonly DtlsContext _dtls = new(DtlsCertificate.Create(DateTimeOffset.UtcNow, new SystemRandom()));
    private readonly AccessUnitPool _pool = new();
    private readonly Task _running;
    private readonly List<Task> _cameras = [];
    private readonly List<SocketViewer> _viewers = [];

    public PeerRig(PeersOptions? options = null, RelaySettings? relays = null, ILogger<PeerLoop>? log = null, int port = 0, bool withReports = true)
    {
        options ??= new();
        Loop = new(
            options with { Port = port }, _dtls, new([], NullLogger<StunServers>.Instance), relays ?? RelaySettings.None, this, Drops, log ?? NullLogger<PeerLoop>.Instance,
            port: new(port, withReports));
        _running = Loop.RunAsync(_stop.Token);
    }

    public PeerLoop Loop { get; }

    public DropCounters Drops { get; } = new();

    public LiveStream Stream { get; } = new("cam0", () => MonotonicClock.Now);

    /// <summary>Another camera, with a substream; without a picture until it is given one.</summary>
    public LiveStream Other { get; } = new("cam1", () => MonotonicClock.Now, new(2_000_000, 500_000, 300_000), new LiveStream("cam1 (substream)", () => MonotonicClock.Now));

    public ConcurrentQueue<(string Camera, StreamChoice Stream)> Switched { get; } = new();

    /// <summary>Runs in the loop for each message on a data channel.</summary>
    public Action<ViewerChannel, byte[]> OnChannelMessage { get; set; } = static (_, _) => { };

    public ConcurrentQueue<(string Viewer, CloseReason Reason, string Detail)> Closed { get; } = new();

    public ConcurrentQueue<(string Viewer, string Candidate)> Candidates { get; } = new();

    public ConcurrentQueue<(string Viewer, string Reason)> Restarts { get; } = new();

    public int RefusedMessages { get; private set; }

    public ConcurrentQueue<ViewerChannel> ClosedChannels { get; } = new();

    /// <summary>A camera with a picture: offers can be answered.</summary>
    public static PeerRig WithCamera(PeersOptions? options = null, RelaySettings? relays = null, ILogger<PeerLoop>? log = null, int port = 0, bool withReports = true)
    {
        var rig = new PeerRig(options, relays, log, port, withReports);
        rig.Stream.OnStreamInfo(Info);
        rig.Stream.OnStateChanged(CameraState.Live, "");
        return rig;
    }

    /// <summary>A picture each 10 ms, every 25th an IDR picture.</summary>
    public void StartCamera(int size = 3000, LiveStream? stream = null) => _cameras.Add(Task.Run(async () =>
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var i = 0; !_stop.IsCancellationRequested; i++)
        {
            await tick.WaitForNextTickAsync();
            Give(isIdr: i % 25 == 0, size, stream);
        }
    }));

    public void Give(bool isIdr, int size = 3000, LiveStream? stream = null)
    {
        using var unit = Pictures.Make(_pool, isIdr, size);
        (stream ?? Stream).OnAccessUnit(unit);
    }

    /// <param name="observer">Who is told what follows, where that is not <paramref name="key"/>.</param>
    public Task<OfferResult> OfferAsync(string key, string sdp, string? observer = null) => Loop.OfferAsync(key, Stream, sdp, new Observer(this, observer ?? key));

    /// <summary>Offers and waits until it is connected.</summary>
    public async Task<SocketViewer> JoinAsync(string key, SocketViewer? viewer = null)
    {
        viewer ??= new SocketViewer();
        _viewers.Add(viewer);
        var result = await OfferAsync(key, viewer.Offer);
        Assert.True(result.Answer is not null, $"{result.Code} {result.Message}");
        viewer.Begin(result.Answer!);
        await Wait.UntilAsync(() => viewer.IsConnected, () => $"{key} is connected ({viewer.Failure})");
        return viewer;
    }

    /// <summary>Offers the stream to a server, which answers, and waits until it is connected.</summary>
    public async Task<SocketViewer> PublishAsync(string output)
    {
        var server = new SocketViewer();
        _viewers.Add(server);
        var (offer, _) = await Loop.MakeOfferAsync($"output {output}", Stream);
        var result = await Loop.ConnectAsync($"output {output}", output, Stream, offer!, server.AnswerTo(offer!.Sdp), new Observer(this, output));
        Assert.True(result.Answer is not null, result.Message);
        await Wait.UntilAsync(() => server.IsConnected, () => $"{output} is connected ({server.Failure})");
        return server;
    }

    public IViewerObserver ObserverOf(string name) => new Observer(this, name);

    /// <summary>Sees that the viewer still gets pictures.</summary>
    public static async Task MustPlayAsync(SocketViewer viewer)
    {
        var before = viewer.Pictures;
        await Wait.UntilAsync(() => viewer.Pictures >= before + 30 && viewer.Missing == 0, "30 more pictures without a gap");
    }

    public void OnOpened(ViewerChannel channel)
    {
    }

    public bool Bounds(ViewerChannel channel) => channel.Label == "bounded";

    public void OnRefused(ViewerChannel channel) => RefusedMessages++;

    public void OnMessage(ViewerChannel channel, byte[] message, bool isText) => OnChannelMessage(channel, message);

    public void OnCandidate(ViewerChannel channel, string candidate)
    {
    }

    public void OnRestart(ViewerChannel channel, string reason) => channel.Send(System.Text.Encoding.UTF8.GetBytes($"restart: {reason}"), isText: true);

    public void OnSwitched(ViewerChannel channel, string camera, StreamChoice stream) => Switched.Enqueue((camera, stream));

    public void OnClosed(ViewerChannel channel) => ClosedChannels.Enqueue(channel);

    public Task StopAsync()
    {
        _stop.Cancel();
        return _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Task.WhenAll(_cameras);
        _viewers.ForEach(viewer => viewer.Dispose());
        foreach (var stream in (LiveStream[])[Stream, Other, Other.Substream!])
            stream.OnStateChanged(CameraState.Lost, "the test is over");
        Loop.Dispose();
        _dtls.Dispose();
        _stop.Dispose();
        Drops.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    private sealed class Observer(PeerRig rig, string key) : IViewerObserver
    {
        public void OnCandidate(string candidate) => rig.Candidates.Enqueue((key, candidate));

        public void OnConnected(string path, string protection)
        {
        }

        public void OnRestart(string reason) => rig.Restarts.Enqueue((key, reason));

        public void OnClosed(CloseReason reason, string detail) => rig.Closed.Enqueue((key, reason, detail));
    }
}
