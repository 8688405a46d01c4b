using System.Text.Json;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>
/// A device's updates: ordered by a manifest whose signature is not checked, downloaded over some seconds, installed by a restart, on trial for ten seconds,
/// and confirmed; or not, as the device's fate has it.
/// </summary>
internal sealed class AgentUpdate(AgentProfile profile, TimeProvider time)
{
    private const string Downloading = "downloading";
    private const string Staged = "staged";
    private const string Trial = "trial";
    private const string Key = "c2ltdWxhdGVkLWtleS1vZi10aGUtZmxlZXQ"; // a thumbprint to show

    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_install = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_trial = TimeSpan.FromSeconds(10);

    private string? _id;
    private string _state = "idle";
    private string _wanted = "";
    private string? _previous;
    private int _percent;
    private int _step; // of the download, percent a second
    private (string Id, string State, string Version, string? Reason, string? Detail, string? Remedy)? _last;

    /// <summary>What runs.</summary>
    public string Version { get; private set; } = "0.1.0";

    /// <summary>When it goes on, by the agent's clock; null: nothing is under way.</summary>
    public TimeSpan? DueAt { get; private set; }

    /// <summary>The agent has to begin anew, with another version.</summary>
    public bool IsRestartDue { get; set; }

    /// <summary>What is to be told by <c>event/update</c>, in its order.</summary>
    public Queue<byte[]> Events { get; } = new();

    public RpcError? Install(JsonElement parameters, TimeSpan now, Utf8JsonWriter result)
    {
        if (Json.Text(parameters, "url") is not { Length: > 0 } url)
            return RpcError.BadParameters("url is missing");
        if (Json.Text(parameters, "manifest") is not { Length: > 0 } manifest)
            return RpcError.BadParameters("manifest is missing");
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            return RpcError.Refused("badUrl", "the address is none of http or https", "Write where the archive lies: https://...");
        var payload = RequestEnvelope.Payload(manifest.Trim());
        if (Json.Text(payload, "version") is not { } version || !System.Version.TryParse(version.Split('-', '+')[0], out var wanted))
            return RpcError.Refused("badManifest", "the manifest is not good: it is no JWS in compact form with a version such as 1.2.3", "Make it with: node deploy/update/manifest.mjs sign");
        if (Json.Text(payload, "deviceClass") is { } made && made != profile.DeviceClass)
            return RpcError.Refused("wrongDeviceClass", $"it is for {made}, and this device is {profile.DeviceClass}", "Send that of this class.");
        if (version == Version)
            return RpcError.Refused("sameVersion", $"{Version} runs already", "There is nothing to do.");
        if (System.Version.TryParse(Version.Split('-', '+')[0], out var runs) && wanted < runs)
            return RpcError.Refused("olderVersion", $"{version} is older than {Version}, which runs", "To go back, release what you want under a higher number.");
        if (_id is not null && version != _wanted)
            return RpcError.Refused("busy", $"{_wanted} is under way ({_state})", "Wait: some minutes at most.");
        if (profile.Fate == UpdateFate.NoSpace)
            return RpcError.Refused("noSpace", "/var/lib/edgecam has 1048576 bytes free, and an update of 20971520 bytes takes 62914560", "Make room: remove recordings or old logs (journalctl --vacuum-size=16M).");
        if (_id is null)
        {
            (_id, _wanted, _percent, _step, DueAt) = (Convert.ToHexStringLower(BitConverter.GetBytes(profile.Random.NextInt64())) + "00000000", version, 0, 15 + profile.Random.Next(25), now);
            _state = Downloading;
        }

        Write(result);
        return null;
    }

    public RpcError? Cancel()
    {
        if (_id is null)
            return RpcError.Refused("tooLate", "no update is under way", "There is nothing to do.");
        if (_state != Downloading)
            return RpcError.Refused("tooLate", "it is being installed", "Wait: it is rolled back by itself where it does not find itself healthy.");
        End("refused", "cancelled", "it was cancelled", "Install it again at any time.");
        return null;
    }

    /// <summary>Goes on where it is time.</summary>
    public void Advance(TimeSpan now)
    {
        if (DueAt is not { } due || now < due)
            return;
        switch (_state)
        {
            case Downloading when _percent < 100:
                Tell(Downloading, percent: _percent);
                (_percent, DueAt) = (Math.Min(100, _percent + _step), now + s_second);
                break;
            case Downloading when profile.Fate == UpdateFate.WrongHash:
                End("refused", "wrongHash", "what was downloaded is not what the manifest says: its SHA-256 is another", "Lay the archive of that manifest at the address.");
                break;
            case Downloading:
                (_state, DueAt) = (Staged, now + s_install);
                Tell(Staged);
                break;
            case Staged:
                (_state, _previous, Version, DueAt, IsRestartDue) = (Trial, Version, _wanted, null, true); // goes on by Started
                break;
            case Trial when profile.Fate == UpdateFate.NotHealthy:
                Version = _previous!;
                End("rolledBack", "notHealthy", $"{_wanted} was not healthy within the time: no picture from cam0", "Look at its log: log.tail; then release a version that is.");
                IsRestartDue = true;
                break;
            default:
                End("confirmed", null, null, null);
                break;
        }
    }

    /// <summary>The agent is back with its broker.</summary>
    public void Started(TimeSpan now)
    {
        if (_state != Trial || DueAt is not null)
            return;
        DueAt = now + s_trial;
        Tell(Trial);
    }

    /// <summary>The result of <c>update.check</c>.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("version", Version);
        json.WriteString("deviceClass", profile.DeviceClass);
        json.WriteString("state", _state);
        WriteIf(json, "id", _id);
        WriteIf(json, "previous", _previous);
        WriteIf(json, "update", _id is null ? null : _wanted);
        if (_state == Downloading)
            json.WriteNumber("percent", _percent);
        if (_state == Trial)
            json.WriteNumber("starts", 1);
        json.WriteStartArray("keys");
        json.WriteStringValue(Key);
        json.WriteEndArray();
        json.WriteNumber("rollbackIndex", 0);
        if (_last is { } last)
        {
            json.WriteStartObject("lastResult");
            json.WriteString("id", last.Id);
            json.WriteString("state", last.State);
            json.WriteString("version", last.Version);
            WriteIf(json, "reason", last.Reason);
            WriteIf(json, "detail", last.Detail);
            WriteIf(json, "remedy", last.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private void End(string state, string? reason, string? detail, string? remedy)
    {
        Tell(state, null, reason, detail, remedy);
        _last = (_id!, state, _wanted, reason, detail, remedy);
        (_id, _state, DueAt) = (null, "idle", null);
    }

    private void Tell(string state, int? percent = null, string? reason = null, string? detail = null, string? remedy = null) => Events.Enqueue(Json.Bytes(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteString("at", time.GetUtcNow());
        json.WriteString("kind", "update");
        json.WriteString("id", _id);
        json.WriteString("state", state);
        json.WriteString("version", _wanted);
        if (percent is { } part)
            json.WriteNumber("percent", part);
        WriteIf(json, "reason", reason);
        WriteIf(json, "detail", detail);
        WriteIf(json, "remedy", remedy);
        json.WriteEndObject();
    }));

    private static void WriteIf(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }
}
