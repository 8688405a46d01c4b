using System.Collections.Concurrent;
using System.Text.Json;
using EdgeCam.Agent.Cameras;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Security;
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

    private readonly AgentOptions _options;
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
    private readonly LiveStream[] _streams;
    private readonly StreamMetrics _metrics;
    private readonly ConcurrentDictionary<string, (string Camera, Instant At)> _connected = new(StringComparer.Ordinal); // those told of

    /// <exception cref="System.Net.Sockets.SocketException">The media port is taken.</exception>
    public MediaPlane(AgentOptions options, ControlPlane control, DropCounters drops, ProgressBoard board, ILoggerFactory logs)
    {
        (_options, _drops, _board, _logs) = (options, drops, board, logs);
        (_access, _regions) = (control.Access, control.Regions);
        _channels = new(control, drops);
        _streams = [.. options.Cameras.Select(CreateStream)];
        _dtls = new DtlsContext(DtlsCertificate.Create(CertificateTime(), new SystemRandom()));
        try
        {
            _stun = new StunServers(options.Peers.StunServers, logs.CreateLogger<StunServers>());
            _loop = new PeerLoop(options.Peers, _dtls, _stun, TurnServersRules.ToRelays(options), _channels, drops, logs.CreateLogger<PeerLoop>(), board.Add("viewers"));
            _channels.Loop = _loop;
            _metrics = new(_streams);
        }
        catch
        {
            _dtls.Dispose();
            throw;
        }
    }

    public IViewerGateway Viewers => this;

    public IWhepGateway Whep => this;

    public IReadOnlyList<CameraReport> Cameras => [.. _options.Cameras.Zip(_streams, Report)];

    public int ViewerCount => _loop.Statistics.Viewers;

    public IReadOnlyList<StreamFigures> Streams => [.. _streams.Select(Figures)];

    public Action<ViewerChange>? OnViewerChanged { get; set; }

    public Task<IReadOnlyList<ViewerReport>> DescribeViewersAsync() => _loop.DescribeAsync();

    public async Task RunAsync(CancellationToken stop)
    {
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop);
        List<Task> running = [_loop.RunAsync(scope.Token), _stun.RunAsync(scope.Token)];
        foreach (var (options, stream) in _options.Cameras.Zip(_streams))
        {
            var source = CameraSources.Create(options, _pool, () => MonotonicClock.Now, _drops, _logs.CreateLogger($"EdgeCam.Agent.Cameras.{options.Name}"), _regions.Of(options.Name), _board.Add($"camera {options.Name}"));
            running.Add(stream.RunAsync(source, scope.Token));
        }

        await Task.WhenAny(running); // none ends before it is stopped, unless it failed: then all end
        await scope.CancelAsync();
        await Task.WhenAll(running);
        await _channels.FinishAsync();
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
    }

    /// <summary>Where the clock is not set yet, the certificate is to be good when it is.</summary>
    private static DateTimeOffset CertificateTime() => DeviceClock.IsSet(TimeProvider.System) ? DateTimeOffset.UtcNow : DeviceClock.BuiltAt;

    private static LiveStream CreateStream(CameraOptions options)
    {
        var plan = options.UsesSoftwareEncoder ? EncoderPlan.From(options) : null;
        var substream = plan?.Substream is null ? null : new LiveStream($"{options.Name} (substream)", () => MonotonicClock.Now);
        var limits = new BitrateLimits(options.Bitrate, options.MinBitrate, plan?.Substream?.Bitrate ?? 0);
        return new(options.Name, () => MonotonicClock.Now, limits, substream);
    }

    private static CameraReport Report(CameraOptions options, LiveStream stream) => new(
        stream.Name,
        stream.State.ToString().ToLowerInvariant(),
        stream.Info?.Width ?? options.Width,
        stream.Info?.Height ?? options.Height,
        stream.Detail.Length > 0 ? stream.Detail : null);

    private static StreamFigures Figures(LiveStream stream) =>
        new(stream.Name, stream.Pictures, stream.KeyFrames, stream.State == CameraState.Live ? stream.Bitrate : 0, stream.Substream is { } smaller ? Figures(smaller) : null);

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

    private void HandleEnded(string viewer, CloseReason reason)
    {
        if (_connected.TryRemove(viewer, out var since))
            OnViewerChanged?.Invoke(new(viewer, since.Camera, JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()), MonotonicClock.Now - since.At));
    }

    private async Task<OfferResult> OfferAsync(string viewer, AccessGrant access, string? camera, string sdp, Observer observer)
    {
        var stream = camera is null ? _streams[0] : Array.Find(_streams, stream => stream.Name == camera);
        if (stream is null)
            return new(null, 404, $"there is no camera {camera}; there is: {string.Join(", ", _streams.Select(known => known.Name))}");
        (observer.Connects, observer.Ends) = (() => HandleConnected(viewer, stream.Name), reason => HandleEnded(viewer, reason));
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
