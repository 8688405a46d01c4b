using System.Globalization;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent;

/// <summary>
/// Keys that the operator sets on the device itself: whoever may configure it from afar must not widen his own rights by it, run programs,
/// read its files, or cut it off from those who could put it right. Where the remote file says of one what the operator's says, nothing is
/// widened, and it may stand there.
/// </summary>
internal static class LocalKeys
{
    /// <summary>The keys, a section with all that is in it, and why.</summary>
    public static readonly IReadOnlyList<(string Path, string Why)> All =
    [
        ("device.id", "the device is found under it, and tokens are made out to it"),
        ("device.stateFolder", "this file and the device's keys lie there"),
        ("cameras[].command", "it says which program runs"),
        ("cameras[].extraArguments", "with them the camera's program writes files"),
        ("mqtt.broker", "the device would be out of reach, and its password told to whoever is named"),
        ("mqtt.prefix", "the device would be out of reach"),
        ("mqtt.username", "the device would be out of reach"),
        ("mqtt.passwordFile", "its content is told to the broker"),
        ("mqtt.caFile", "whom the device trusts hangs on it"),
        ("mqtt.webSocketUrl", "viewers would be led to whoever is named"),
        ("mqtt.embedded", "the device would be out of reach"),
        ("http", "it opens the device to the network"),
        ("security", "it says who may watch and control"),
        ("ptz[].driver", "it says which device is opened"),
        ("gpio", "what a line drives is known to who wired it: a list of allowed lines that can be widened from afar is none"),
        ("peers.turnServers", "it names files with secrets, and whom their content is told"),
        ("peers.turnCaFile", "whom the device trusts hangs on it"),
        ("telemetry.addresses", "it says whether others are told where viewers are"),
        ("telemetry.otlpEndpoint", "what the device measures is told to whoever is named"),
        ("homeAssistant", "it lets whoever publishes at the broker move heads and switch lines"),
    ];

    private static readonly Dictionary<string, string> s_why = All.ToDictionary(static key => key.Path, static key => key.Why, StringComparer.Ordinal);

    /// <summary>What the elements of these lists are known by.</summary>
    private static readonly Dictionary<string, string> s_names = new(StringComparer.Ordinal) { ["cameras"] = "name", ["ptz"] = "camera" };

    /// <summary>A mistake for each that the merged configuration has otherwise than the operator's.</summary>
    /// <param name="remedy">Where it is to be set.</param>
    public static IReadOnlyList<ConfigurationMistake> Changes(JsonObject own, JsonObject merged, string remedy)
    {
        List<ConfigurationMistake> mistakes = [];
        Compare(own, merged, "", "", remedy, mistakes);
        return mistakes;
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
