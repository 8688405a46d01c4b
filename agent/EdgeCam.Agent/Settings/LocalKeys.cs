using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Cameras.Rtsp;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// Keys that the operator sets on the device itself: whoever may configure it from afar must not widen his own rights by it, run programs,
/// read its files, or cut it off from those who could put it right: a setting that does so by mistake is rolled back by itself, one that is
/// here cannot be tried. Where the remote layer says of one what the operator's file says, nothing is widened, and it may stand there.
/// </summary>
internal static class LocalKeys
{
    /// <summary>The keys, a section with all that is in it, and why.</summary>
    public static readonly IReadOnlyList<(string Path, string Why)> All =
    [
        ("device.id", "the device is found under it, and tokens are made out to it"),
        ("device.stateFolder", "this file and the device's keys lie there"),
        ("device.groups", "tokens are made out to them"),
        ("cameras[].command", "it says which program runs"),
        ("cameras[].extraArguments", "with them the camera's program writes files"),
        ("cameras[].substream.source", "it says which device or file is opened"),
        ("cameras[].encoderNode", "it says which device is opened"),
        ("cameras[].credentialsFile", "its content is told to the camera"),
        ("mqtt.passwordFile", "its content is told to the broker"),
        ("mqtt.caFile", "whom the device trusts hangs on it"),
        ("mqtt.certificateFile", "its content is told to the broker"),
        ("mqtt.keyFile", "the device names itself by it"),
        ("mqtt.alpn", "the device would be out of reach"),
        ("mqtt.clientId", "the device would be out of reach"),
        ("mqtt.embedded", "the device would be out of reach"),
        ("http", "it opens the device to the network"),
        ("security", "it says who may watch and control"),
        ("ptz[].driver", "it says which device is opened"),
        ("gpio", "what a line drives is known to who wired it: a list of allowed lines that can be widened from afar is none"),
        ("peers.turnServers", "it names files with secrets, and whom their content is told"),
        ("peers.turnCaFile", "whom the device trusts hangs on it"),
        ("telemetry.addresses", "it says whether others are told where viewers are"),
        ("telemetry.otlpEndpoint", "what the device measures is told to whoever is named"),
        ("publish", "it says to whom pictures are sent, and names files whose content is told them"),
        ("recording.folder", "it says where files are made and deleted"),
        ("homeAssistant", "it lets whoever publishes at the broker move heads and switch lines"),
    ];

    /// <summary>
    /// Those that the operator may open in <c>security.remoteKeys</c>: whom the device trusts, since a fleet changes issuers and keys without
    /// anybody going there. Programs, files and lines cannot be opened: that would make of a word from afar a command on the device, or a
    /// movement of what hangs on it. Nor can the way to the broker, without which nothing from afar could put a mistake right.
    /// </summary>
    public static readonly IReadOnlyList<string> Openable = ["security.issuers"];

    private static readonly Dictionary<string, string> s_why = All.ToDictionary(static key => key.Path, static key => key.Why, StringComparer.Ordinal);

    /// <summary>What the elements of these lists are known by.</summary>
    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal) { ["cameras"] = "name", ["ptz"] = "camera" };

    /// <summary>A mistake for each that the merged configuration has otherwise than the operator's.</summary>
    /// <param name="remedy">Where it is to be set.</param>
    public static IReadOnlyList<ConfigurationMistake> Changes(JsonObject own, JsonObject merged, string remedy)
    {
        List<ConfigurationMistake> mistakes = [];
        merged = merged.DeepClone().AsObject();
        foreach (var path in Openable.Where(path => IsOpened(own, path)))
            TakeOver(own, merged, path);
        Compare(own, merged, "", "", remedy, mistakes);
        CheckTold(own, merged, remedy, mistakes);
        return mistakes;
    }

    /// <summary>A password that the operator gave for one camera is not told to another address, and no file or device is opened that is no camera.</summary>
    private static void CheckTold(JsonObject own, JsonObject merged, string remedy, List<ConfigurationMistake> mistakes)
    {
        for (var i = 0; merged["cameras"] is JsonArray cameras && i < cameras.Count; i++)
        {
            var same = (own["cameras"] as JsonArray)?.FirstOrDefault(camera => JsonNode.DeepEquals(camera?["name"], cameras[i]?["name"]));
            if (JsonNode.DeepEquals(same?["source"], cameras[i]?["source"]))
                continue;
            var key = string.Create(CultureInfo.InvariantCulture, $"cameras[{i}].source");
            if (cameras[i]?["credentialsFile"] is not null)
            {
                mistakes.Add(new(key, "is set on the device itself only: the password in credentialsFile is told to it", remedy));
            }
            else if (cameras[i]?["source"] is JsonValue value && value.TryGetValue<string>(out var source) && !MayComeFromAfar(source))
            {
                mistakes.Add(new(
                    key, "is set on the device itself only, where it is not rpicam:, v4l2:/dev/video with a number, or rtsp: to another machine: it says which device or file is opened", remedy));
            }
        }
    }

    private static bool MayComeFromAfar(string source)
    {
        const string Node = "v4l2:/dev/video";
        if (source.StartsWith(RtspAddress.Scheme, StringComparison.Ordinal))
            return RtspAddress.Parse(source, out _) is not { IsLoopbackOrLinkLocal: true }; // a mistake in it is named elsewhere
        return source.StartsWith("rpicam:", StringComparison.Ordinal)
            || (source.StartsWith(Node, StringComparison.Ordinal) && source.Length > Node.Length && source.AsSpan(Node.Length).IndexOfAnyExceptInRange('0', '9') < 0);
    }

    /// <summary>Asked of the operator's own file, so that nothing from afar opens itself.</summary>
    private static bool IsOpened(JsonObject own, string path) =>
        (own["security"] as JsonObject)?["remoteKeys"] is JsonArray opened && opened.Any(key => key is JsonValue text && text.TryGetValue<string>(out var name) && name == path);

    /// <summary>Of a key that is opened the merged file says what the operator's does, as far as it is compared. A key that lies in a section.</summary>
    private static void TakeOver(JsonObject own, JsonObject merged, string path)
    {
        var (section, name) = (path.Split('.')[0], path.Split('.')[1]);
        if (merged[section] is not JsonObject after)
            return;
        if (own[section] is JsonObject before && before.TryGetPropertyValue(name, out var value))
            after[name] = value?.DeepClone();
        else
            after.Remove(name);
    }

    private static void Compare(JsonObject? own, JsonObject? merged, string section, string where, string remedy, List<ConfigurationMistake> mistakes)
    {
        foreach (var key in ConfigurationKeys.Table.Within(section))
        {
            var name = key.Path[(key.Path.LastIndexOf('.') + 1)..];
            var (before, after, path) = (own?[name], merged?[name], where.Length == 0 ? name : $"{where}.{name}");
            if (s_why.TryGetValue(key.Path, out var why))
            {
                if (!JsonNode.DeepEquals(before, after))
                    mistakes.Add(new(path, $"is set on the device itself only: {why}", remedy));
            }
            else if (key.Kind == ConfigurationKind.Section)
            {
                Compare(before as JsonObject, after as JsonObject, key.Path, path, remedy, mistakes);
            }
            else if (key.Kind == ConfigurationKind.SectionList && after is JsonArray list && s_names.TryGetValue(key.Path, out var called))
            {
                for (var i = 0; i < list.Count; i++)
                {
                    var same = (before as JsonArray)?.FirstOrDefault(element => JsonNode.DeepEquals(element?[called], list[i]?[called]));
                    Compare(same as JsonObject, list[i] as JsonObject, key.Path + "[]", string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), remedy, mistakes);
                }
            }
        }
    }
}
