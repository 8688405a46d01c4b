using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Devices.Board;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Management.HomeAssistant;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent;

/// <summary>
/// What the device tells of how it does and what an operator does to it, put together: telemetry, events, the log, diagnosis, restart,
/// Home Assistant and OpenTelemetry.
/// </summary>
internal sealed class OperationsPlane : IDisposable
{
    private static readonly TimeSpan s_eventExpiry = TimeSpan.FromMinutes(5);

    private readonly AgentOptions _options;
    private readonly DeviceIdentity _device;
    private readonly DeviceFacts _facts;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _logs;
    private readonly ProgressBoard _board;
    private readonly DropCounters _drops;
    private readonly OperationsSources _sources;
    private readonly TelemetrySources _telemetrySources;
    private readonly TelemetryBuilder _telemetry;
    private readonly EventReporter _events;
    private readonly RestartRequest _restart;
    private readonly DiagnoseStore _diagnoses;
    private readonly TelemetryMetrics _metrics;
    private readonly OwnAddresses _addresses;
    private readonly List<Func<CancellationToken, Task>> _loops = [];
    private readonly HttpMessageInvoker? _http;
    private volatile TelemetryOptions _telemetryOptions; // another, where its period was set while all goes on
    private MqttConnection? _connection;
    private MqttTopics? _topics;
    private HomeAssistantBridge? _bridge;

    public OperationsPlane(
        AgentOptions options, DeviceIdentity device, DeviceFacts facts, OperationsSources sources, AgentLog log, MetricsExporter exporter, DropCounters drops, ProgressBoard board,
        TimeProvider time, ILoggerFactory logs)
    {
        (_options, _device, _facts, _sources, _drops, _board, _time, _logs) = (options, device, facts, sources, drops, board, time, logs);
        _telemetryOptions = options.Telemetry;
        _telemetrySources = new(
            () => sources.Media()?.Cameras ?? [], () => sources.Media()?.Streams ?? [], () => sources.Media()?.DescribeViewersAsync() ?? Task.FromResult<IReadOnlyList<ViewerReport>>([]),
            () => sources.Media()?.ViewerCount ?? 0,
            () => Sample(sources.Board()), sources.Broker, drops.All, sources.Outputs);
        _telemetry = new(device, options.Telemetry, _telemetrySources, new CpuMeter(time), time);
        _events = new(_telemetrySources.Cameras, _telemetry.ShortId, (kind, json) => _connection?.Publish(_topics!.Event(kind), json, Queueing.Keep, s_eventExpiry), drops, time, board.Add("events"));
        _restart = new(time);
        _addresses = new(time);
        _metrics = new(_telemetrySources);
        var diagnosis = new DiagnoseSources(
            () => EffectiveConfiguration.Lines(options), () => sources.Status() is { Length: > 0 } status ? status : "null"u8.ToArray(), _telemetry.BuildAsync,
            () => JsonSerializer.SerializeToUtf8Bytes(sources.Board(), BoardJson.Default.BoardHealth), exporter.Write, board.Overdue, log.Ring, facts);
        _diagnoses = new(device, options.Telemetry, diagnosis, time);
        var operations = new DeviceOperations(_restart, new(RebootRequest.Folder, time), _diagnoses, _events, logs.CreateLogger<DeviceOperations>());
        Methods = [.. OperationMethods.Create(operations), .. LogMethods.Create(log)];
        _loops.AddRange([_events.RunAsync, _restart.RunAsync]);
        if (options.Telemetry.OtlpEndpoint is { } endpoint)
        {
            _http = OtlpExporter.Client();
            _loops.Add(new OtlpExporter(
                new(endpoint), exporter.Collect, Resource(), device.Version, _http, time, logs.CreateLogger<OtlpExporter>(), board.Add("measurements")).RunAsync);
        }
    }

    public IEnumerable<ControlMethod> Methods { get; }

    /// <summary>Somebody has asked for the agent to start anew: that it ends by itself is no fault.</summary>
    public bool IsRestarting => _restart.IsAsked;

    /// <summary>What the status tells of the device's addresses: null unless they are to be shown.</summary>
    public IReadOnlyList<string>? Addresses => _options.Telemetry.ShowsAddresses ? _addresses.Read() : null;

    /// <summary>Takes what may change while all goes on. From any thread.</summary>
    public void Apply(AgentOptions options) => _telemetryOptions = options.Telemetry;

    /// <summary>A viewer has connected or ended. From any thread.</summary>
    public void Tell(ViewerChange change) => _events.Tell(change);

    /// <summary>A line has changed. From any thread.</summary>
    public void TellLine() => _bridge?.Wake();

    /// <summary>What needs a broker. To be called once, before it runs.</summary>
    /// <param name="call">The device's methods, for a caller of that grant.</param>
    public void Connect(MqttConnection connection, MqttTopics topics, Func<ReadOnlyMemory<byte>, ControlCaller, ValueTask<byte[]?>> call)
    {
        (_connection, _topics) = (connection, topics);
        int? Connections() => connection.IsConnected ? connection.Connections : null;
        if (_options.Telemetry.Enabled)
        {
            _loops.Add(new TelemetryReporter(
                () => _telemetryOptions, _telemetry, _telemetrySources, Connections, (json, expiry) => connection.Publish(topics.Telemetry, json, Queueing.Newest, expiry), _time, _board.Add("telemetry")).RunAsync);
        }

        var (options, memory) = (_options.HomeAssistant, new HomeAssistantMemory(_options.Device.StateFolder));
        var progress = _board.Add("Home Assistant");
        void Keep(string topic, byte[] json) => connection.Publish(topic, json, Queueing.Newest, TimeSpan.Zero, retain: true);
        if (!options.Enabled)
        {
            _loops.Add(new HomeAssistantFarewell(memory, Connections, topic => Keep(topic, []), _time, progress).RunAsync);
            return;
        }

        var names = new HomeAssistantTopics(topics, options.Prefix);
        var caller = new ControlCaller("homeassistant", new("Home Assistant", AccessScope.View | AccessScope.Ptz | AccessScope.Gpio), CallerOrigin.Mqtt);
        string[] cameras = [.. _options.Cameras.Select(static camera => camera.Name)], heads = [.. _options.Ptz.Select(static head => head.Camera)];
        _bridge = new(
            names, new(_device, _facts.Model, names, () => _telemetryOptions, options.Commands), new(request => call(request, caller)), memory,
            () => (cameras, heads, Sample(_sources.Board())), Connections, Keep, _drops, _time, _logs.CreateLogger<HomeAssistantBridge>(), progress);
        _loops.Add(_bridge.RunAsync);
        if (!options.Commands)
            return;
        connection.Subscribe(names.HeadFilter, _bridge.Receive);
        connection.Subscribe(names.LineFilter, _bridge.Receive);
    }

    /// <summary>Runs until stopped; ends by itself where a restart was asked for, or a part fails.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var scope = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] running = [.. _loops.Select(loop => loop(scope.Token))];
        await Task.WhenAny(running);
        await scope.CancelAsync();
        await Task.WhenAll(running);
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _diagnoses.Dispose();
        _http?.Dispose();
    }

    private static BoardSample Sample(BoardHealth health) => new(
        new(health.TemperatureCelsius, health.Throttled, health.ThrottledBefore, health.UnderVoltage, health.UnderVoltageBefore, health.UptimeSeconds),
        health is { DiskTotalBytes: { } total, DiskFreeBytes: { } free } ? new(total, free) : null,
        health is { WifiInterface: { } name, WifiSignalDbm: { } signal } ? new(name, signal) : null,
        health.MemoryTotalBytes, health.MemoryAvailableBytes, health.Load1);

    private KeyValuePair<string, object?>[] Resource() =>
    [
        new("service.name", "edgecam"), new("service.instance.id", _device.Id), new("service.version", _device.Version), new("host.name", Environment.MachineName),
        new("os.type", "linux"), new("device.model.name", _facts.Model),
    ];
}
