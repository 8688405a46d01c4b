using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>
/// One device as its broker sees it: what it says when it comes, each half minute, and when it is asked. It has no socket, task or clock of its own; one loop
/// brings it messages and time, and takes away what it has to say.
/// </summary>
/// <remarks>Left out: pictures, heads, lines, tokens and their rights, Home Assistant, limits of requests, and all methods that <see cref="AgentRpc.Methods"/> does not name.</remarks>
internal sealed class SimulatedAgent
{
    private static readonly TimeSpan s_cameraStart = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_telemetryPeace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_statusPeace = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_restartPeace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_never = TimeSpan.FromDays(10_000);
    private static readonly TimeSpan s_answerExpiry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_eventExpiry = TimeSpan.FromMinutes(5);

    private readonly AgentProfile _profile;
    private readonly long _origin;
    private readonly AgentOutbox _outbox = new();
    private readonly AgentReports _reports;
    private readonly AgentSettings _settings;
    private readonly AgentUpdate _update;
    private readonly AgentSessions _sessions;
    private readonly AgentLog _log;
    private string _bootId = "";
    private DateTimeOffset _since;
    private TimeSpan _started;
    private TimeSpan? _connected;
    private bool _isFirst = true;
    private byte[] _status = []; // as it was said last
    private TimeSpan _statusAt;
    private bool _isToldLive;
    private TimeSpan? _toldAt;
    private TimeSpan _telemetryAt;
    private TimeSpan _leaveAt = s_never;
    private int _givenUp;

    public SimulatedAgent(AgentProfile profile, TimeProvider time)
    {
        (_profile, Time, _origin) = (profile, time, time.GetTimestamp());
        (_reports, _settings, _update, _log) = (new(profile, time), new(profile, () => Now), new(profile, time), new(time));
        _sessions = new(profile, _reports, time);
    }

    public string Id => _profile.Id;

    public AgentTopics Topics => _profile.Topics;

    public TimeProvider Time { get; }

    /// <summary>Since it was made.</summary>
    public TimeSpan Now => Time.GetElapsedTime(_origin);

    /// <summary>What the broker says for it when it is gone.</summary>
    public byte[] Will => _reports.Offline(_bootId, _update.Version, _since);

    /// <summary>It is about to end its connection, and everything else: to be started again after <see cref="Away"/>.</summary>
    public bool IsLeaving => Now >= _leaveAt;

    public TimeSpan Away { get; private set; }

    /// <summary>How long nothing happens by itself.</summary>
    public TimeSpan UntilDue
    {
        get
        {
            var now = Now;
            if (IsLeaving)
                return s_never; // it only waits for acknowledgements
            var next = Min(Min(_telemetryAt, _leaveAt), _update.DueAt ?? s_never);
            if (_settings.IsOnTrial && _connected is { } since)
                next = Min(next, Max(since, _settings.TrialSince) + AgentSettings.Proof);
            if (!_isToldLive)
                next = Min(next, Max(_started + s_cameraStart, _statusAt + s_statusPeace));
            if (_status.Length == 0)
                next = Min(next, _statusAt + s_statusPeace);
            return next > now ? next - now : TimeSpan.Zero;
        }
    }

    private TimeSpan Uptime => Now - _started;

    private bool IsLive => Uptime >= s_cameraStart;

    /// <summary>The agent's process begins.</summary>
    public void Start()
    {
        _bootId = Convert.ToHexStringLower(BitConverter.GetBytes(_profile.Random.NextInt64()));
        (_since, _started, _leaveAt, _status, _isToldLive, _toldAt) = (Time.GetUtcNow(), Now, s_never, [], false, null);
        _log.Clear();
        _log.Add("information", "AgentHost", $"EdgeCam {_update.Version} is device {Id}");
    }

    /// <summary>The broker has taken it: status, settings and telemetry are told anew.</summary>
    public void Connected()
    {
        _connected = Now;
        _log.Add("information", "Mqtt.MqttConnection", "Broker: connected, MQTT 5");
        (_status, _statusAt) = ([], Now - s_statusPeace);
        _settings.IsReportDue = true;
        _telemetryAt = _toldAt is { } told ? Max(Now, told + s_telemetryPeace) : Now;
        _update.Started(Now);
    }

    /// <param name="unsent">What the broker has not acknowledged.</param>
    public void Disconnected(IEnumerable<AgentMessage> unsent)
    {
        _connected = null;
        _outbox.Return(unsent);
    }

    /// <summary>Does what it is time for. Only while it is connected.</summary>
    public void Advance()
    {
        var now = Now;
        if (IsLeaving)
            return;
        _update.Advance(now);
        if (_settings.IsOnTrial && _connected is { } since && now - Max(since, _settings.TrialSince) >= AgentSettings.Proof && IsLive)
            _settings.Confirm();
        if (_settings.IsWanted)
            _settings.LookAtDesired();
        Restart(now);
        Tell(now);
    }

    /// <param name="left">Of its time; null: it does not end.</param>
    public bool TryTake([NotNullWhen(true)] out AgentMessage? message, out TimeSpan? left) => _outbox.TryTake(Now, out message, out left);

    /// <summary>Messages that were given up since this was asked last.</summary>
    public int TakeGivenUp()
    {
        var more = _outbox.GivenUp - _givenUp;
        _givenUp = _outbox.GivenUp;
        return more;
    }

    public void Receive(AgentMessage message)
    {
        switch (Topics.Below(message.Topic))
        {
            case ["status"] when _status.Length > 0 && !message.Payload.AsSpan().SequenceEqual(_status):
                _status = []; // the will of an older connection: said again
                break;
            case ["config", "desired"]:
                _settings.Want(message.Payload);
                break;
            case ["session", var client, var session, "to-device"] when !message.Retain:
                if (_sessions.Answer(message.Payload, _update.Version, IsLive) is { } said)
                    Add(new(Topics.ToViewer(client, session), said, Kind: AgentMessageKind.Answer, Expiry: s_answerExpiry));
                break;
            case ["rpc", var client, "request"] when !message.Retain:
                if (AgentRpc.Answer(message.Payload, client, this) is { } answer)
                    Add(new(Topics.Response(client, message.ResponseTopic), answer, Correlation: message.Correlation, Kind: AgentMessageKind.Answer, Expiry: s_answerExpiry));
                break;
            default:
                break;
        }
    }

    /// <summary>What it says before it disconnects.</summary>
    public AgentMessage Farewell() => new(Topics.Status, Will, Retain: true);

    /// <summary>Carries out a method.</summary>
    /// <param name="result">Takes the result, where there is no error.</param>
    public RpcError? Call(string method, JsonElement parameters, string client, Utf8JsonWriter result)
    {
        switch (method)
        {
            case "device.info":
                _reports.WriteInformation(result, _update.Version, Uptime, IsLive);
                return null;
            case "device.health":
                _reports.WriteHealth(result, Uptime);
                return null;
            case "device.restart":
                return RestartBy(client, result);
            case "config.get":
                _settings.Write(result, isRetained: false);
                return null;
            case "config.set":
                return _settings.Set(parameters, $"mqtt:{client}", result);
            case "log.tail":
                _log.Write(result, parameters);
                return null;
            case "update.check":
                _update.Write(result);
                return null;
            case "update.install":
                return _update.Install(parameters, Now, result);
            case "update.cancel":
                return _update.Cancel() ?? Nothing(result);
            default:
                return RpcError.NoSuchMethod;
        }
    }

    private RpcError? RestartBy(string client, Utf8JsonWriter result)
    {
        if (s_restartPeace - Uptime is { Ticks: > 0 } left)
            return new(-32029, "Too many requests: the agent has only just started", "Wait", (long)left.TotalMilliseconds);
        Add(new(Topics.Event("device"), Json.Bytes(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("v", 1);
            json.WriteNumber("at", Time.GetUtcNow().ToUnixTimeMilliseconds());
            json.WriteString("kind", "restarting");
            json.WriteString("by", client);
            json.WriteEndObject();
        }), Kind: AgentMessageKind.Event, Expiry: s_eventExpiry));
        Leave(s_grace, TimeSpan.FromSeconds(2 + (2 * _profile.Random.NextDouble())));
        return Nothing(result);
    }

    private static RpcError? Nothing(Utf8JsonWriter result)
    {
        result.WriteStartObject();
        result.WriteEndObject();
        return null;
    }

    private void Restart(TimeSpan now)
    {
        if (_update.IsRestartDue)
        {
            _update.IsRestartDue = false;
            Leave(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(2 + (3 * _profile.Random.NextDouble())));
        }

        if (_settings.Restart is not { Agent: false, Connection: false } && _leaveAt > now + s_grace)
        {
            _settings.Restart = default;
            Leave(TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(300));
        }
    }

    private void Leave(TimeSpan after, TimeSpan away)
    {
        _log.Add("information", "AgentHost", "ends");
        (_leaveAt, Away) = (Now + after, away);
    }

    private void Tell(TimeSpan now)
    {
        if ((_status.Length == 0 || (IsLive && !_isToldLive)) && now - _statusAt >= s_statusPeace)
            TellStatus(now);
        foreach (var (kind, events) in (ReadOnlySpan<(string, Queue<byte[]>)>)[("config", _settings.Events), ("update", _update.Events)])
        {
            while (events.TryDequeue(out var told))
            {
                Add(new(Topics.Event(kind), told, Kind: AgentMessageKind.Event, Expiry: s_eventExpiry));
                _log.Add("information", kind == "config" ? "Settings.SettingsService" : "Management.Update.UpdateService", System.Text.Encoding.UTF8.GetString(told));
            }
        }

        if (_settings.IsReportDue)
        {
            Add(new(Topics.Reported, Json.Bytes(json => _settings.Write(json, isRetained: true)), Retain: true));
            _settings.IsReportDue = false;
        }

        if (now < _telemetryAt)
            return;
        var period = _settings.TelemetryPeriod;
        Add(new(Topics.Telemetry, _reports.Telemetry(_bootId, Uptime, Max(Uptime - s_cameraStart, TimeSpan.Zero)), Expiry: period * 2));
        // Devices that are switched on together here stand for such as were at any time: the first period is cut somewhere.
        var isCut = _isFirst && _isToldLive;
        (_toldAt, _telemetryAt, _isFirst) = (now, now + (isCut ? period * _profile.Random.NextDouble() : period), _isFirst && !isCut);
    }

    private void TellStatus(TimeSpan now)
    {
        var before = _isToldLive;
        (_isToldLive, _statusAt) = (IsLive, now);
        _status = _reports.Status(_bootId, _update.Version, _since, _isToldLive);
        Add(new(Topics.Status, _status, Retain: true));
        if (_isToldLive && !before && _toldAt is { } told)
            _telemetryAt = Min(_telemetryAt, Max(now, told + s_telemetryPeace)); // a camera's state is told at once
    }

    private void Add(AgentMessage message) => _outbox.Add(message with { QueuedAt = Now });

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
