using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Publishing;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Streaming;
using EdgeCam.WebRtc;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent;

/// <summary>The way of a frame, put together: each camera feeds a live stream, the peers' loop sends the streams to viewers.</summary>
internal sealed class MediaPlane : IMediaPlane, IViewerGateway, IWhepGateway
{
    private static readonly TimeSpan s_relayPatience = TimeSpan.FromSeconds(1.5);

    private readonly ControlChannels _channels;
    private readonly ViewerAccess _access;
    private readonly CameraRegions _regions;
    private readonly DropCounters _drops;
    private readonly ProgressBoard _board;
    private readonly ILoggerFactory _logs;
    private readonly AccessUnitPool _pool = new();
    private readonly DtlsContext _dtls;
    private readonly StunServers _stun;
    private readonly PeerLoop _loop;
    private readonly CameraRunner[] _cameras;
    private readonly StreamMetrics _metrics;
    private readonly ConcurrentDictionary<string, (string Camera, Instant At)> _connected = new(StringComparer.Ordinal); // those told of

    /// <exception cref="System.Net.Sockets.SocketException">The media port is taken.</exception>
    public MediaPlane(AgentOptions options, ControlPlane control, DropCounters drops, ProgressBoard board, ILoggerFactory logs)
    {
        (_drops, _board, _logs) = (drops, board, logs);
        (_access, _regions) = (control.Access, control.Regions);
        _channels = new(control, drops);
        _cameras = [.. options.Cameras.Select(CreateRunner)];
        _dtls = new DtlsContext(DtlsCertificate.Create(CertificateTime(), new SystemRandom()));
        try
        {
            _stun = new StunServers(options.Peers.StunServers, logs.CreateLogger<StunServers>());
            _loop = new PeerLoop(options.Peers, _dtls, _stun, TurnServersRules.ToRelays(options), _channels, drops, logs.CreateLogger<PeerLoop>(), board.Add("viewers"));
            _channels.Loop = _loop;
            _channels.FindCamera = FindStream;
            _metrics = new(_cameras.Select(static camera => camera.Stream));
        }
        catch
        {
            _dtls.Dispose();
            throw;
        }
    }

    public IViewerGateway Viewers => this;

    public IWhepGateway Whep => this;

    public IOutputPeers Outputs => new OutputPeers(_loop, FindStream);

    public IReadOnlyList<CameraReport> Cameras => [.. _cameras.Select(static camera => camera.Report)];

    public IReadOnlyList<CameraOptions> CameraOptions => [.. _cameras.Select(static camera => camera.Options)];

    public int ViewerCount => _loop.Statistics.Viewers;

    public IReadOnlyList<StreamFigures> Streams => [.. _cameras.Select(static camera => Figures(camera.Stream))];

    public IReadOnlyList<LiveStream> LiveStreams => [.. _cameras.Select(static camera => camera.Stream)];

    public Action<ViewerChange>? OnViewerChanged { get; set; }

    public Task<IReadOnlyList<ViewerReport>> DescribeViewersAsync() => _loop.DescribeAsync();

    public async Task RunAsync(CancellationToken stop)
    {
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop);
        List<Task> running = [_loop.RunAsync(scope.Token), _stun.RunAsync(scope.Token)];
        running.AddRange(_cameras.Select(camera => camera.RunAsync(scope.Token)));

        await Task.WhenAny(running); // none ends before it is stopped, unless it failed: then all end
        await scope.CancelAsync();
        await Task.WhenAll(running);
        await _channels.FinishAsync();
    }

    public void Apply(SettingsChange change, AgentOptions options)
    {
        _loop.MaxViewers = options.Peers.MaxViewers;
        for (var i = 0; i < _cameras.Length; i++)
            _cameras[i].Change(options.Cameras[i], change.RestartsCameras.Contains(string.Create(CultureInfo.InvariantCulture, $"cameras[{i}]")));
    }

    public async Task<ViewerAnswer> OfferAsync(ViewerOffer offer, CancellationToken stop)
    {
        var answer = await OfferAsync(offer.Session.ToString(), offer.Access, offer.Camera, offer.Sdp, new Observer(offer.Signals.OnCandidate, offer.Signals.OnRestart, reason => Closed(offer.Session.ToString(), () => offer.Signals.OnClosed(reason))));
        return answer.Answer is { } sdp ? ViewerAnswer.Accept(sdp) : ViewerAnswer.Refuse(answer.Code, answer.Message);
    }

    public void AddCandidate(SessionKey session, string candidate) => _loop.AddCandidate(session.ToString(), candidate);

    public void Close(SessionKey session, string reason) => _loop.Close(session.ToString());

    public async Task<WhepAnswer> OfferAsync(WhepOffer offer, CancellationToken stop)
    {
        // WHEP has no way back: relayed candidates must stand in the answer, a server-reflexive one the viewer learns as peer-reflexive; and it
        // notices itself when to restart.
        await _loop.WaitForRelayAsync(s_relayPatience, stop);
        var answer = await OfferAsync(offer.Session, offer.Access, offer.Camera, offer.Sdp, new Observer(static _ => { }, static _ => { }, _ => Closed(offer.Session, offer.Closed), offer.Connected));
        if (stop.IsCancellationRequested)
            Close(offer.Session); // whoever gave up meanwhile may have closed it before it was there
        return answer.Answer is { } sdp ? WhepAnswer.Accept(sdp) : WhepAnswer.Refuse(answer.Code, answer.Message);
    }

    public async Task<WhepAnswer> RestartAsync(WhepRestart restart, CancellationToken stop)
    {
        var answer = await _loop.RestartIceAsync(restart.Session, new(restart.UsernameFragment, restart.Password), restart.Candidates);
        return answer.Answer is { } fragment ? WhepAnswer.Accept(fragment) : WhepAnswer.Refuse(answer.Code, answer.Message);
    }

    public void AddCandidate(string session, string candidate) => _loop.AddCandidate(session, candidate);

    public void Close(string session) => _loop.Close(session);

    public void Dispose()
    {
        _metrics.Dispose();
        _loop.Dispose();
        _dtls.Dispose();
        foreach (var camera in _cameras)
            camera.Dispose();
    }

    /// <summary>Where the clock is not set yet, the certificate is to be good when it is.</summary>
    private static DateTimeOffset CertificateTime() => DeviceClock.IsSet(TimeProvider.System) ? DateTimeOffset.UtcNow : DeviceClock.BuiltAt;

    private CameraRunner CreateRunner(CameraOptions options)
    {
        var progress = _board.Add($"camera {options.Name}");
        var log = _logs.CreateLogger($"EdgeCam.Agent.Cameras.{options.Name}");
        var second = options.Substream.IsGiven ? _board.Add($"camera {options.Name} (substream)") : null;
        return new(options, now => CameraSources.Create(now, _pool, static () => MonotonicClock.Now, _drops, log, _regions.Of(options.Name), progress, second));
    }

    private static StreamFigures Figures(LiveStream stream) =>
        new(stream.Name, stream.Pictures, stream.KeyFrames, stream.State == CameraState.Live ? stream.Bitrate : 0, stream.Substream is { } smaller ? Figures(smaller) : null);

    private LiveStream? FindStream(string camera) => Array.Find(_cameras, known => known.Stream.Name == camera)?.Stream;

    private void Closed(string viewer, Action tell)
    {
        _access.Remove(viewer);
        tell();
    }

    private void HandleConnected(string viewer, string camera)
    {
        if (_connected.TryAdd(viewer, (camera, MonotonicClock.Now)))
            OnViewerChanged?.Invoke(new(viewer, camera));
    }

    private void HandleSelected(string viewer, string camera)
    {
        if (_connected.TryGetValue(viewer, out var since))
            _connected[viewer] = (camera, since.At);
    }

    private void HandleEnded(string viewer, CloseReason reason)
    {
        if (_connected.TryRemove(viewer, out var since))
            OnViewerChanged?.Invoke(new(viewer, since.Camera, JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()), MonotonicClock.Now - since.At));
    }

    private async Task<OfferResult> OfferAsync(string viewer, AccessGrant access, string? camera, string sdp, Observer observer)
    {
        var stream = camera is null ? _cameras[0].Stream : FindStream(camera);
        if (stream is null)
            return new(null, 404, $"there is no camera {camera}; there is: {string.Join(", ", _cameras.Select(known => known.Stream.Name))}");
        (observer.Connects, observer.Ends, observer.Selects) = (() => HandleConnected(viewer, stream.Name), reason => HandleEnded(viewer, reason), name => HandleSelected(viewer, name));
        var result = await _loop.OfferAsync(viewer, stream, sdp, observer);
        if (result.Answer is not null)
        {
            _access.Set(viewer, access, SdpFingerprint.Of(sdp) ?? "");
            if (observer.IsClosed)
                _access.Remove(viewer);
        }

        return result;
    }

    private sealed class Observer(Action<string> candidate, Action<string> restart, Action<string> closed, Action? connected = null) : IViewerObserver
    {
        private volatile bool _isClosed;

        public bool IsClosed => _isClosed;

        public Action Connects { get; set; } = static () => { };

        public Action<CloseReason> Ends { get; set; } = static _ => { };

        public Action<string> Selects { get; set; } = static _ => { };

        public void OnSelected(string camera) => Selects(camera);

        public void OnRestart(string reason) => restart(reason);

        public void OnCandidate(string candidateLine) => candidate(candidateLine);

        public void OnConnected(string path, string protection)
        {
            Connects();
            connected?.Invoke();
        }

        public void OnClosed(CloseReason reason, string detail)
        {
            _isClosed = true;
            Ends(reason);
            closed(detail.Length > 0 ? detail : "the connection was closed");
        }
    }
}
