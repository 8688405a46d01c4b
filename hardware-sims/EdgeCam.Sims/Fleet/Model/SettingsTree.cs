using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>What is done with settings as JSON: merging, comparing, checking, naming. None of it changes what it is given.</summary>
internal static class SettingsTree
{
    /// <summary>What the device does not let others set, a section with all that is in it.</summary>
    private static readonly string[] s_local =
    [
        "device.id", "device.stateFolder", "device.groups", "mqtt.passwordFile", "mqtt.caFile", "mqtt.certificateFile", "mqtt.keyFile", "mqtt.alpn", "mqtt.clientId", "mqtt.embedded",
        "http", "security", "gpio", "peers.turnServers", "peers.turnCaFile", "telemetry.addresses", "telemetry.otlpEndpoint", "homeAssistant",
    ];

    /// <summary>RFC 7396 §2.</summary>
    public static JsonObject Merge(JsonObject target, JsonObject patch)
    {
        var result = target.DeepClone().AsObject();
        foreach (var (name, value) in patch)
        {
            if (value is null)
                result.Remove(name);
            else
                result[name] = value is JsonObject section ? Merge(result[name] as JsonObject ?? [], section) : value.DeepClone();
        }

        return result;
    }

    /// <summary>The keys that differ, lists of equal length element by element.</summary>
    public static void Compare(JsonNode? before, JsonNode? after, string where, List<string> keys)
    {
        if (before is JsonObject old && after is JsonObject now)
        {
            foreach (var name in old.Select(static member => member.Key).Union(now.Select(static member => member.Key)))
                Compare(old[name], now[name], where.Length == 0 ? name : $"{where}.{name}", keys);
        }
        else if (before is JsonArray oldList && after is JsonArray nowList && oldList.Count == nowList.Count && oldList.All(static element => element is JsonObject))
        {
            for (var i = 0; i < oldList.Count; i++)
                Compare(oldList[i], nowList[i], string.Create(CultureInfo.InvariantCulture, $"{where}[{i}]"), keys);
        }
        else if (!JsonNode.DeepEquals(before, after))
        {
            keys.Add(where);
        }
    }

    /// <summary>The keys that are set.</summary>
    public static IEnumerable<string> Keys(JsonObject layer, string where = "") =>
        layer.SelectMany(member => member.Value is JsonObject section ? Keys(section, $"{where}{member.Key}.") : [$"{where}{member.Key}"]);

    /// <summary>What is wrong with a patch of settings like these; ranges are not looked at.</summary>
    public static void Check(JsonObject values, JsonObject patch, string where, List<(string Key, string Problem, string Remedy)> mistakes)
    {
        foreach (var (name, value) in patch)
        {
            var key = $"{where}{name}";
            if (!values.TryGetPropertyValue(name, out var known) && key != "mqtt.password")
                mistakes.Add((key, "is not a key", "config.get tells which there are."));
            else if (s_local.Contains(key))
                mistakes.Add((key, "is set on the device itself only", "Set it in the operator's file on the device."));
            else if (known is JsonObject section && value is JsonObject inner)
                Check(section, inner, key + ".", mistakes);
            else if (known is not null && value is not null && known.GetValueKind() != value.GetValueKind() && !(IsFlag(known) && IsFlag(value)))
                mistakes.Add((key, $"is {value.ToJsonString()}", $"Write what is like {known.ToJsonString()}."));
        }
    }

    /// <summary>A name made of the content, in which the order of members does not count.</summary>
    public static string Revision(JsonObject own, JsonObject remote)
    {
        var text = new StringBuilder();
        Write(own, text);
        text.Append('\n');
        Write(remote, text);
        return Digest(Encoding.UTF8.GetBytes(text.ToString()));
    }

    /// <summary>16 hexadecimal digits.</summary>
    public static string Digest(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8));

    private static bool IsFlag(JsonNode value) => value.GetValueKind() is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False;

    private static void Write(JsonNode? node, StringBuilder text)
    {
        switch (node)
        {
            case JsonObject section:
                text.Append('{');
                foreach (var (name, value) in section.OrderBy(static member => member.Key, StringComparer.Ordinal))
                {
                    text.Append('"').Append(name).Append("\":");
                    Write(value, text);
                    text.Append(',');
                }

                text.Append('}');
                break;
            case JsonArray list:
                text.Append('[');
                foreach (var element in list)
                {
                    Write(element, text);
                    text.Append(',');
                }

                text.Append(']');
                break;
            default:
                text.Append(node?.ToJsonString() ?? "null");
                break;
        }
    }
}
