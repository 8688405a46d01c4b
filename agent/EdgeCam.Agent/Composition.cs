using System.Diagnostics;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using EdgeCam.Agent.Cameras.V4l2.Interop;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Devices.Board;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Management.Update;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Publishing;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Trust;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Signaling;

namespace EdgeCam.Agent;

/// <summary>The whole program but its host: made from the options, and what is switched off is not made at all.</summary>
internal sealed partial class Composition : IDisposable
{
    private static readonly TimeSpan s_eventExpiry = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;
    private readonly DevicePlane _devices;
    private readonly BoardWatch _board;
    private readonly BoardMetrics _boardMetrics;
    private readonly OperationsPlane _operations;
    private readonly RecordingPlane _recording;
    private readonly IMediaPlane _media;
    private readonly Publishers? _outputs;
    private readonly DeviceKeys _keys;
    private readonly AccessPolicy _access;
    private readonly AccessMetrics _accessMetrics = new();
    private readonly AccessWatch _watch;
    private readonly BearerAccess _bearer;
    private readonly SignalingService? _signaling;
    private readonly RpcService? _rpc;
    private readonly StatusReporter? _status;
    private readonly ServiceReporter? _service;
    private readonly ProgressSocketProbe _probe;
    private readonly UpdatePlane _update;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly DeviceFacts _facts = DeviceFacts.Read();
    private readonly MqttTopics _topics;
    private readonly AgentOptions _options;
    private readonly MetricsExporter _exporter = new(); // before the instruments: it hears from the first measurement
    private readonly SignalingMetrics _metrics = new();
    private readonly ViewerMetrics _viewerMetrics = new();
    private readonly RuntimeMetrics _runtimeMetrics = new();

    /// <param name="settings">Null: nothing is set remotely.</param>
    public Composition(
        AgentOptions options, MediaPlaneFactory media, ILoggerFactory logs, TimeProvider time, ServiceManager? manager = null, SettingsKeeper? settings = null, AgentLog? log = null,
        UpdatePaths? system = null)
    {
        (_options, _logs, _time, _log) = (options, logs, time, log ?? new(options.Log, time));
        Device = DeviceIdentity.Create(options.Device, Environment.MachineName, ProductVersion.Text, time);
        Progress = new(time);
        _probe = new(Progress.Add(".NET's sockets"), time, logs.CreateLogger<ProgressSocketProbe>());
        if (manager is not null)
            _service = new(manager, Progress, Report, time, logs.CreateLogger<ServiceReporter>(), () => WantsRestart);
        _keys = LoadKeys();
        var revocations = new Revocations(time, options.Security.RevokedFile, options.Device.StateFolder, logs.CreateLogger<Revocations>());
        _access = new(
            options.Security.Mode, new TrustStore(Device.Id, _keys.Signing, time, options.Security, options.Device.Groups, revocations, logs.CreateLogger<TrustStore>()), _keys.Signing, time, _accessMetrics);
        var quota = new ViewerQuota(options.Peers.SessionsPerViewer, options.Peers.OffersPerMinute, time);
        _bearer = new(_access, options.Http.Hosts.Length > 0, Drops);
        var viewers = new ViewerAccess();
        var topics = _topics = new MqttTopics(options.Mqtt.Prefix, Device.Id);
        var audience = new ControlAudience();
        var regions = new CameraRegions(options.Cameras);
        _operations = new(
            options, Device, _facts, new(() => _media, () => _board!.Latest, BrokerWord, () => _status?.Latest, Outputs), _log, _exporter, Drops, Progress, time, logs);
        _devices = new(options, audience, regions, HandleDeviceEvent, Drops, Progress, time, logs);
        _board = new(
            new BoardProbe("/", options.Device.StateFolder).Read, options.Device.StateFolder, json => Tell("board", json), time,
            logs.CreateLogger<BoardWatch>());
        _boardMetrics = new(() => _board.Latest);
        _recording = new(options, () => _media!.LiveStreams, json => Tell("recording", json), Drops, Progress, time, logs);
        if (settings is not null)
        {
            var settingsLog = logs.CreateLogger<SettingsService>();
            _settings = new(
                settings, new DesiredDoor(_access, new(_access, options.Device.StateFolder, time, settingsLog), time, settingsLog).Open, work => _update!.TryApart(work), Drops, time, settingsLog,
                Progress.Add("settings"));
        }

        _update = new(
            new(system ?? new("/"), UpdateVersion.TryParse(Device.Version), UpdateRules.DeviceClass, options.Device.StateFolder), () => new(BrokerNow(), _media!.Cameras), Tell,
            () => settings?.Trial is not null, time, logs.CreateLogger<UpdateService>(), Progress.Add("update"));
        var methods = new ControlMethods(
        [
            .. DeviceMethods.Create(Describe, static () => MonotonicClock.Now), .. CameraMethods.Create(_viewerMetrics),
            .. CameraControlMethods.Create(new CameraControls(() => _media!.CameraOptions, new KernelV4l2(), time)), .. SessionMethods.Create(),
            .. AccessMethods.Create(_access, viewers, time), .. RevocationMethods.Create(revocations), .. BoardMethods.Create(() => _board.Latest), .. _devices.Methods, .. _operations.Methods,
            .. _recording.Methods, .. _settings is null ? [] : SettingsMethods.Create(_settings), .. _update.Methods,
        ]);
        Control = new(new(methods, time, Drops, logs.CreateLogger<ControlDispatcher>()), audience, viewers, regions, time);
        _watch = new(viewers, Control.Audience, viewer => Whep?.Expire(viewer), time, Progress.Add("access"), _access);
        if (options.Mqtt.UsesEmbeddedBroker)
            Broker = Take("mqtt.embedded.port", options.Mqtt.Embedded.Port, () => new EmbeddedBroker(options.Mqtt.Embedded, topics, _access, Drops, time, logs.CreateLogger<EmbeddedBroker>(), Progress.Add("embedded broker")));
        _media = Take("peers.port", options.Peers.Port, () => media(options, Control, Drops, Progress, logs));
        _media.OnViewerChanged = _operations.Tell;
        if (options.Publish.Length > 0 && _media.Outputs is { } peers)
            _outputs = new(options.Publish, peers, json => Tell("publish", json), time, Progress, logs.CreateLogger<Publishers>());
        var iceServers = new ViewerIceServers(
            options.Peers.StunServers, TurnServersRules.Load(options.Peers), TimeSpan.FromSeconds(options.Peers.TurnCredentialSeconds), time);
        if (options.Http.Enabled)
            Whep = new(_media.Whep, _bearer, iceServers.Grant, options.Peers.MaxViewers, options.Http.Hosts.Length > 0, Drops, quota);
        if (!options.Mqtt.IsEnabled)
            return;

        Connection = new(ConnectionOptions(topics, options.Mqtt), Drops, time, Random.Shared.NextDouble, logs.CreateLogger<MqttConnection>(), Progress.Add("broker connection"));
        _signaling = new(
            _media.Viewers, () => new(Device.Id, Device.Name, Device.Version, _media.Cameras), iceServers.Grant, MqttSignaling.Sender(Connection, topics),
            new(_access, Device.Id, _keys.Identity, viewers, quota, time), Limits(options.Peers.MaxViewers), Drops, time, _metrics, logs.CreateLogger<SignalingService>(), Progress.Add("signaling"));
        _signaling.Connect(Connection, topics, Drops);
        _rpc = new(
            new(_access, Device.Id, time), (request, client, grant) => Control.Dispatcher.HandleAsync(request.Span, new($"mqtt:{client}", grant, CallerOrigin.Mqtt)),
            RpcService.Sender(Connection, topics), new(), Drops, time, logs.CreateLogger<RpcService>(), Progress.Add("rpc"));
        _rpc.Connect(Connection, topics);
        ConnectSettings();
        _status = new(Device, () => _media.Cameras, Connection, time, Progress.Add("status"), () => _media.ViewerCount, () => _operations.Addresses, OutputsForAll);
        _operations.Connect(Connection, topics, (request, caller) => Control.Dispatcher.HandleAsync(request.Span, caller));
    }

    public DeviceIdentity Device { get; }

    public DropCounters Drops { get; } = new();

    /// <summary>Whether each loop lives.</summary>
    public ProgressBoard Progress { get; }

    public ControlPlane Control { get; }

    /// <summary>An operator has asked for it: the agent ends by itself, to be started again.</summary>
    public bool IsRestarting => _operations.IsRestarting;

    public EmbeddedBroker? Broker { get; }

    public MqttConnection? Connection { get; }

    public Whep? Whep { get; }

    /// <summary>What the HTTP side serves; to be asked for only where it is switched on.</summary>
    public HttpEndpoints Http()
    {
        var settings = new ViewerSettings(_options.Mqtt.WebSocketUrl ?? (Broker is null ? null : "/mqtt"), _options.Mqtt.Prefix, Device.Id, _options.Security.Access);
        var services = new HttpServices(Whep!, Health, _exporter.Write, settings, ViewerFiles.FromAssembly(), Broker is null ? null : Broker.ServeAsync, _recording);
        return new(services, new HostRules(_options.Http, Environment.MachineName), _bearer, Drops);
    }

    /// <summary>To be called before HTTP is served, which leads to the broker.</summary>
    public Task StartAsync() => Broker?.StartAsync() ?? Task.CompletedTask;

    /// <summary>Runs until stopped, until other settings want it made anew, or until a part of it fails.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop, _restart.Token);
        List<Task> running =
        [
            Drops.RunAsync(_logs.CreateLogger<DropCounters>(), _time, scope.Token), _media.RunAsync(scope.Token), _devices.RunAsync(scope.Token), _watch.RunAsync(scope.Token),
            _board.RunAsync(scope.Token), _probe.RunAsync(scope.Token), _operations.RunAsync(scope.Token), _update.RunAsync(scope.Token),
            _recording.RunAsync(scope.Token),
        ];
        if (_outputs is not null)
            running.Add(_outputs.RunAsync(scope.Token));
        if (_service is not null)
            running.Add(_service.RunAsync(scope.Token));
        if (_settings is not null)
            running.Add(_settings.RunAsync(this, scope.Token));
        if (Broker is not null)
            running.Add(Broker.RunAsync(scope.Token));
        if (Connection is not null)
            running.AddRange([_signaling!.RunAsync(scope.Token), _rpc!.RunAsync(scope.Token), _status!.RunAsync(scope.Token), Connection.RunAsync(scope.Token)]);
        NetworkChange.NetworkAddressChanged += OnAddressChanged;
        try
        {
            await Task.WhenAny(running); // the first to end, ends the rest
            await scope.CancelAsync();
            await Task.WhenAll(running);
            if (!stop.IsCancellationRequested && !WantsRestart && !IsRestarting)
                throw new InvalidOperationException("A part of the agent ended by itself.");
        }
        finally
        {
            NetworkChange.NetworkAddressChanged -= OnAddressChanged;
            if (Broker is not null)
                await Broker.StopAsync();
        }
    }

    public void Dispose()
    {
        Connection?.Dispose();
        _media?.Dispose(); // null where a port was taken
        _outputs?.Dispose();
        _metrics.Dispose();
        _viewerMetrics.Dispose();
        _runtimeMetrics.Dispose();
        _boardMetrics.Dispose();
        _operations.Dispose();
        _recording.Dispose();
        _update.Dispose();
        Broker?.Dispose();
        _access.Dispose();
        _accessMetrics.Dispose();
        _keys.Dispose();
        Drops.Dispose();
        _exporter.Dispose();
        _restart.Dispose();
    }

    /// <summary>With open access nothing hangs on the keys, so a folder that cannot be written costs a warning only.</summary>
    private DeviceKeys LoadKeys()
    {
        var folder = _options.Device.StateFolder;
        try
        {
            if (_options.Security.Mode != AccessMode.Open)
                return DeviceKeys.Load(folder);
            var keys = DeviceKeys.LoadOrCreateForThisRun(folder, out var problem);
            if (problem is not null)
                _logs.CreateLogger("EdgeCam").KeysForThisRun(problem);
            return keys;
        }
        catch (DeviceKeysException failure)
        {
            throw new StartFailureException(new("device.stateFolder", failure.Problem, failure.Remedy), failure);
        }
    }

    /// <summary>Makes what takes a port at once; a taken one is the operator's to solve.</summary>
    private T Take<T>(string key, int port, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (SocketException failure)
        {
            Dispose(); // where settings on trial are the cause, there will be another one of us in this process: no instrument may be there twice
            throw new StartFailureException(new(key, $"{port}: {failure.Message}", "Choose a free port, or 0 for any."), failure);
        }
    }

    private void OnAddressChanged(object? sender, EventArgs change) => Connection?.Check();

    private MqttConnectionOptions ConnectionOptions(MqttTopics topics, MqttOptions mqtt)
    {
        var common = new MqttConnectionOptions(
            new("127.0.0.1", 0, IsSecure: false), Device.Id, topics.Status, StatusMessage.WhenOffline(Device), KeepAlive: TimeSpan.FromSeconds(mqtt.KeepAliveSeconds),
            EventTopic: topics.Event("broker"));
        if (Broker is not null)
            return common with { Broker = common.Broker with { Port = Broker.Port }, Username = EmbeddedBroker.DeviceUser, Password = Broker.DevicePassword };

        _ = BrokerAddress.TryParse(mqtt.Broker!, out var address);
        var password = mqtt.Password ?? (mqtt.PasswordFile is null ? null : File.ReadAllText(mqtt.PasswordFile).TrimEnd('\r', '\n'));
        return common with
        {
            Broker = address!,
            ClientId = mqtt.ClientId ?? Device.Id,
            Username = mqtt.Username,
            Password = Encoding.UTF8.GetBytes(password ?? ""),
            Tls = new(mqtt.CaFile, mqtt.CertificateFile, mqtt.KeyFile, mqtt.Alpn),
        };
    }

    private static SignalingLimits Limits(int maxViewers) => new(Sessions: Math.Max(128, maxViewers * 4));

    private DeviceInformation Describe() => new(
        Device.Id, Device.Name, Device.Version, _facts.Model, _facts.System,
        (long)Stopwatch.GetElapsedTime(_started).TotalSeconds, _media.ViewerCount, DeviceClock.Report(_time), _media.Cameras);

    private HealthReport Health() => HealthReport.Create(
        Device.Version, BrokerWord(), _media.ViewerCount, DeviceClock.Report(_time), _media.Cameras, Outputs());

    /// <summary>Null: none is configured.</summary>
    private IReadOnlyList<OutputReport>? Outputs() => _outputs?.Reports;

    /// <summary>Each viewer at the broker reads the status: to whom else pictures go is not for them.</summary>
    private IReadOnlyList<OutputReport>? OutputsForAll() => _outputs?.Reports is { } reports ? [.. reports.Select(static output => output with { Server = null, Detail = null })] : null;

    private ServiceReport Report() => new(
        _media.Cameras, _media.ViewerCount, BrokerWord(), Connection?.Problem, DeviceClock.IsSet(_time) ? null : _time.GetUtcNow());

    /// <summary>Publishes an event; does not wait.</summary>
    private void Tell(string kind, byte[] json) => Connection?.Publish(_topics.Event(kind), json, Queueing.Keep, s_eventExpiry);

    private void HandleDeviceEvent(string kind, byte[] json)
    {
        Tell(kind, json);
        if (kind == "gpio")
            _operations.TellLine();
    }

    private string BrokerWord() => Connection switch
    {
        null => "off",
        { IsConnected: true } => "connected",
        { WaitsForClock: true } => "waiting",
        _ => "disconnected",
    };
}
