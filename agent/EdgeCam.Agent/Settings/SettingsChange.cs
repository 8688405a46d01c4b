using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Cameras;

namespace EdgeCam.Agent.Settings;

/// <summary>What differs between two configurations, and how much of the agent has to begin anew for it.</summary>
/// <param name="Keys">The keys that differ, as the operator reads them.</param>
/// <param name="RestartsAgent">Every part is made anew; then nothing else counts.</param>
/// <param name="RenewsBroker">The connection to the broker is closed, and another one made.</param>
/// <param name="RestartsCameras">The cameras whose source begins anew; their viewers stay.</param>
internal sealed record SettingsChange(IReadOnlyList<string> Keys, bool RestartsAgent, bool RenewsBroker, IReadOnlyList<string> RestartsCameras)
{
    /// <summary>Keys that take effect in what runs, and cannot put the device out of reach.</summary>
    private static readonly string[] s_harmless = ["log.level", "peers.maxViewers", "telemetry.periodSeconds"];

    /// <summary>The files differ where another broker than the operator's is set: they are not for it (<see cref="BrokerCredentials"/>).</summary>
    private static readonly string[] s_broker =
        ["mqtt.broker", "mqtt.username", "mqtt.password", "mqtt.passwordFile", "mqtt.caFile", "mqtt.certificateFile", "mqtt.keyFile", "mqtt.keepAliveSeconds"];

    /// <summary>Keys of a camera that decide what it consists of.</summary>
    private static readonly string[] s_cameraMakeup = ["name", "encoder", "substream.enabled", "substream.source"];

    /// <summary>Keys that a head takes while it stands.</summary>
    private static readonly string[] s_head = ["leaseSeconds", "stopAfterMilliseconds", "softMinimum", "softMaximum", "acceleration"];

    private static readonly string[] s_bitrates = ["bitrate", "minBitrate", "substream.bitrate"];

    public bool IsNone => Keys.Count == 0;

    /// <summary>Nothing of it has to prove itself before it is confirmed.</summary>
    public bool IsHarmless => Keys.All(static key => s_harmless.Contains(key));

    /// <summary>The keys that take effect while all goes on.</summary>
    public IReadOnlyList<string> Live => RestartsAgent ? [] : [.. Keys.Where(key => !(RenewsBroker && s_broker.Contains(key)) && !RestartsCameras.Any(camera => key.StartsWith(camera + ".", StringComparison.Ordinal)))];

    /// <summary>The parts that begin anew, in words.</summary>
    public IReadOnlyList<string> Restarts(AgentOptions now) => RestartsAgent
        ? ["agent"]
        : [.. RenewsBroker ? (string[])["broker connection"] : [], .. RestartsCameras.Select(camera => $"camera {now.Cameras[IndexOf(camera)].Name}")];

    public static SettingsChange Between(AgentOptions before, AgentOptions after)
    {
        List<string> keys = [];
        Compare(Json(before), Json(after), "", "", keys);
        bool restartsAgent = false, renewsBroker = false;
        SortedSet<string> cameras = new(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            if (s_harmless.Contains(key) || (key.StartsWith("ptz[", StringComparison.Ordinal) && s_head.Contains(key[(key.LastIndexOf('.') + 1)..])))
                continue;
            if (s_broker.Contains(key) && before.Mqtt.Broker is not null && after.Mqtt.Broker is not null)
                renewsBroker = true;
            else if (before.Cameras.Length == after.Cameras.Length && key.StartsWith("cameras[", StringComparison.Ordinal))
                restartsAgent |= Camera(key, before.Cameras[IndexOf(key)], after.Cameras[IndexOf(key)], cameras);
            else
                restartsAgent = true;
        }

        return new(keys, restartsAgent, renewsBroker, [.. cameras]);
    }

    /// <returns>True where the camera is made up of other parts than before.</returns>
    private static bool Camera(string key, CameraOptions before, CameraOptions after, SortedSet<string> restarts)
    {
        var dot = key.IndexOf('.', StringComparison.Ordinal);
        var name = key[(dot + 1)..];
        var choice = EncoderChoice.For(after);
        if (!(choice.Options.AgentEncodes && s_bitrates.Contains(name)))
            restarts.Add(key[..dot]);
        return s_cameraMakeup.Contains(name) || choice.MayEncode != EncoderChoice.For(before).MayEncode; // "auto" may choose another way for another source
    }

    private static int IndexOf(string camera) => int.Parse(camera.AsSpan()["cameras[".Length..camera.IndexOf(']', StringComparison.Ordinal)], System.Globalization.CultureInfo.InvariantCulture);

    private static JsonObject Json(AgentOptions options) => JsonSerializer.SerializeToNode(options, EffectiveJson.Default.AgentOptions)!.AsObject();

    private static void Compare(JsonObject before, JsonObject after, string section, string where, List<string> keys)
    {
        foreach (var key in ConfigurationKeys.Table.Within(section))
        {
            var name = key.Path[(key.Path.LastIndexOf('.') + 1)..];
            var (old, now, path) = (before[name], after[name], where.Length == 0 ? name : $"{where}.{name}");
            if (old is JsonObject oldSection && now is JsonObject nowSection)
                Compare(oldSection, nowSection, key.Path, path, keys);
            else if (key.Kind == ConfigurationKind.SectionList && old is JsonArray oldList && now is JsonArray nowList && oldList.Count == nowList.Count)
                CompareList(oldList, nowList, key.Path + "[]", path, keys);
            else if (!JsonNode.DeepEquals(old, now))
                keys.Add(path);
        }
    }

    private static void CompareList(JsonArray before, JsonArray after, string section, string where, List<string> keys)
    {
        for (var i = 0; i < before.Count; i++)
            Compare(before[i]!.AsObject(), after[i]!.AsObject(), section, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{where}[{i}]"), keys);
    }
}
