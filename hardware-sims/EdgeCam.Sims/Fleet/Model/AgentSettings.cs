using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>
/// What is set remotely of a device, really kept as long as the fleet runs: merge patches, revisions, a trial that is confirmed after ten seconds with the
/// broker, <c>config/desired</c>. Keys and the kinds of their values are checked, ranges are not; another broker is noted and not gone to.
/// </summary>
/// <param name="clock">The agent's.</param>
internal sealed class AgentSettings(AgentProfile profile, Func<TimeSpan> clock)
{
    public static readonly TimeSpan Proof = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_longestTrial = TimeSpan.FromSeconds(270);

    /// <summary>Take effect at once, and have nothing to prove.</summary>
    private static readonly string[] s_harmless = ["log.level", "peers.maxViewers"];

    private static readonly string[] s_broker = ["mqtt.broker", "mqtt.username", "mqtt.password", "mqtt.keepAliveSeconds"];

    private JsonObject _remote = [];
    private string? _revision;
    private byte[]? _wanted;
    private (string Document, string State, string? Reason)? _desired;
    private (string State, string Revision, string By)? _last;

    public string Revision => _revision ??= SettingsTree.Revision(AgentDefaults.Own(profile), _remote);

    public bool IsOnTrial { get; private set; }

    /// <summary>When the trial began.</summary>
    public TimeSpan TrialSince { get; private set; }

    public TimeSpan TelemetryPeriod { get; private set; } = profile.Telemetry;

    /// <summary>The report is to be told anew.</summary>
    public bool IsReportDue { get; set; }

    /// <summary>A change makes the agent begin anew, or its connection.</summary>
    public (bool Agent, bool Connection) Restart { get; set; }

    /// <summary>What is to be told by <c>event/config</c>, in its order.</summary>
    public Queue<byte[]> Events { get; } = new();

    private TimeSpan Left => s_longestTrial - (clock() - TrialSince);

    public RpcError? Set(JsonElement parameters, string by, Utf8JsonWriter result)
    {
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("patch", out var patch) || patch.ValueKind != JsonValueKind.Object)
            return RpcError.BadParameters("patch is missing");
        var isDryRun = parameters.TryGetProperty("dryRun", out var flag) && flag.ValueKind == JsonValueKind.True;
        return Put(JsonNode.Parse(patch.GetRawText())!.AsObject(), isWhole: false, by, Json.Text(parameters, "revision"), isDryRun, result);
    }

    /// <summary>Takes a message of <c>config/desired</c>; looked at when nothing is on trial.</summary>
    public void Want(byte[] payload) => _wanted = payload.Length > 0 ? payload : null;

    /// <summary>Whether a message of <c>config/desired</c> waits to be looked at.</summary>
    public bool IsWanted => _wanted is not null && !IsOnTrial;

    public void LookAtDesired()
    {
        var payload = _wanted!;
        _wanted = null;
        var document = SettingsTree.Digest(payload);
        if (_desired is { } known && known.Document == document)
            return;
        var refusal = Config(payload) is { } config ? Put(config, isWhole: true, $"desired:{document}", null, isDryRun: false, null) : RpcError.BadParameters("there is no config in it");
        _desired = (document, refusal is null ? "applied" : "refused", refusal is null ? null : InWords(refusal));
        IsReportDue = true;
    }

    /// <summary>It was well for long enough.</summary>
    public void Confirm()
    {
        IsOnTrial = false;
        Tell("confirmed", _last?.By ?? "");
    }

    /// <summary>The result of <c>config.get</c>, and <c>config/reported</c>.</summary>
    /// <param name="isRetained">Without what changes by the second.</param>
    public void Write(Utf8JsonWriter json, bool isRetained)
    {
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteString("revision", Revision);
        json.WriteString("state", IsOnTrial ? "trial" : "confirmed");
        if (IsOnTrial && !isRetained)
            json.WriteNumber("secondsLeft", Math.Ceiling(Left.TotalSeconds));
        json.WritePropertyName("values");
        Values(_remote).WriteTo(json);
        WriteTexts(json, "remote", SettingsTree.Keys(_remote).Where(static key => key != "mqtt.password"));
        json.WriteStartObject("secrets");
        json.WriteBoolean("mqtt.password", _remote["mqtt"]?["password"] is not null);
        json.WriteEndObject();
        if (_desired is { } desired)
        {
            json.WriteStartObject("desired");
            json.WriteString("document", desired.Document);
            json.WriteString("state", desired.State);
            if (desired.Reason is not null)
                json.WriteString("reason", desired.Reason);
            json.WriteEndObject();
        }

        if (_last is { } last)
        {
            json.WritePropertyName("last");
            WriteEvent(json, last.State, last.Revision, last.By);
        }

        json.WriteEndObject();
    }

    private RpcError? Put(JsonObject patch, bool isWhole, string by, string? seen, bool isDryRun, Utf8JsonWriter? result)
    {
        if (seen is not null && seen != Revision)
            return new(-32010, $"Conflict: the revision is {Revision}", "Read the settings again by config.get, and decide anew", Revision: Revision);
        if (IsOnTrial && !isDryRun)
            return new(-32011, "On trial: other settings have not been confirmed yet", "Wait until they are confirmed or rolled back; event/config tells it", (long)Left.TotalMilliseconds, Revision);
        List<(string, string, string)> mistakes = [];
        SettingsTree.Check(AgentDefaults.Values(profile), patch, "", mistakes);
        if (mistakes.Count > 0)
            return RpcError.Invalid(mistakes);

        var layer = SettingsTree.Merge(isWhole ? [] : _remote, patch);
        List<string> keys = [];
        SettingsTree.Compare(Values(_remote), Values(layer), "", keys);
        if (patch["mqtt"]?["password"] is not null)
            keys.Add("mqtt.password");
        var revision = SettingsTree.Revision(AgentDefaults.Own(profile), layer);
        var isTried = revision != Revision && !keys.All(s_harmless.Contains);
        var restart = (Agent: keys.Any(static key => !s_harmless.Contains(key) && !s_broker.Contains(key) && !key.StartsWith("cameras[", StringComparison.Ordinal)), Connection: keys.Any(s_broker.Contains));
        if (result is not null)
            WriteChange(result, revision, isDryRun ? "dryRun" : revision == Revision ? "unchanged" : isTried ? "trial" : "confirmed", keys, restart, isTried);
        if (!isDryRun && revision != Revision)
            Take(layer, isTried, restart, by);
        return null;
    }

    private void Take(JsonObject layer, bool isTried, (bool, bool) restart, string by)
    {
        (_remote, _revision, IsOnTrial, TrialSince, Restart) = (layer, null, isTried, clock(), restart);
        TelemetryPeriod = TimeSpan.FromSeconds(Math.Clamp(Values(layer)["telemetry"]!["periodSeconds"]!.GetValue<double>(), 1, 3600));
        Tell(isTried ? "trial" : "confirmed", by);
    }

    private void Tell(string state, string by)
    {
        _last = (state, Revision, by);
        Events.Enqueue(Json.Bytes(json => WriteEvent(json, state, Revision, by)));
        IsReportDue = true;
    }

    private JsonObject Values(JsonObject layer)
    {
        var shown = layer.DeepClone().AsObject();
        (shown["mqtt"] as JsonObject)?.Remove("password");
        return SettingsTree.Merge(AgentDefaults.Values(profile), shown);
    }

    private static void WriteEvent(Utf8JsonWriter json, string state, string revision, string by)
    {
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteString("state", state);
        json.WriteString("revision", revision);
        json.WriteString("by", by);
        json.WriteEndObject();
    }

    private static void WriteChange(Utf8JsonWriter json, string revision, string state, List<string> keys, (bool Agent, bool Connection) restart, bool isTried)
    {
        var cameras = keys.Where(static key => key.StartsWith("cameras[", StringComparison.Ordinal)).Select(static key => key["cameras[".Length..key.IndexOf(']', StringComparison.Ordinal)]).Distinct();
        json.WriteStartObject();
        json.WriteString("revision", revision);
        json.WriteString("state", state);
        WriteTexts(json, "changed", keys);
        WriteTexts(json, "live", restart.Agent ? [] : keys.Where(static key => !s_broker.Contains(key) && !key.StartsWith("cameras[", StringComparison.Ordinal)));
        WriteTexts(json, "restarts", restart.Agent ? ["agent"] : [.. restart.Connection ? (string[])["broker connection"] : [], .. cameras.Select(static number => $"camera cam{number}")]);
        if (isTried)
            json.WriteNumber("confirmedWithin", s_longestTrial.TotalSeconds);
        json.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
            json.WriteStringValue(text);
        json.WriteEndArray();
    }

    /// <summary>The settings in a document, signed or not; null where there are none.</summary>
    private static JsonObject? Config(byte[] payload)
    {
        var text = Encoding.UTF8.GetString(payload).Trim();
        try
        {
            var document = text.StartsWith('{') ? JsonElement.Parse(text) : RequestEnvelope.Payload(text);
            return document.ValueKind == JsonValueKind.Object && document.TryGetProperty("config", out var config) ? JsonNode.Parse(config.GetRawText()) as JsonObject : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string InWords(RpcError error) =>
        error.Mistakes is { } mistakes ? string.Join("; ", mistakes.Select(static mistake => string.Create(CultureInfo.InvariantCulture, $"{mistake.Key}: {mistake.Problem}. {mistake.Remedy}"))) : error.Message;
}
