using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace EdgeCam.Agent;

/// <summary>Every key with its value in force and where that comes from. No secret is among them: the configuration names files that hold some.</summary>
internal static partial class EffectiveConfiguration
{
    private static readonly JsonSerializerOptions s_shown = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The keys in the order of <see cref="ConfigurationKeys"/>; values are JSON, an address's user and password left out.</summary>
    public static IReadOnlyList<(string Path, string Value, ConfigurationOrigin Origin)> List(LayeredConfiguration configuration)
    {
        List<(string, string, ConfigurationOrigin)> list = [];
        var options = JsonSerializer.SerializeToNode(configuration.Options!, EffectiveJson.Default.AgentOptions)!.AsObject();
        AddSection(list, "", "", options, configuration.Own, configuration.Remote);
        return list;
    }

    /// <summary>The keys with their values alone.</summary>
    public static IEnumerable<(string Path, string Value)> Values(AgentOptions options)
    {
        List<(string Path, string Value, ConfigurationOrigin)> list = [];
        AddSection(list, "", "", JsonSerializer.SerializeToNode(options, EffectiveJson.Default.AgentOptions)!.AsObject(), null, null);
        return list.Select(static key => (key.Path, key.Value));
    }

    private static void AddSection(
        List<(string, string, ConfigurationOrigin)> list, string section, string where, JsonObject options, JsonObject? own, JsonObject? remote)
    {
        foreach (var key in ConfigurationKeys.Table.Within(section))
        {
            var name = key.Path[(key.Path.LastIndexOf('.') + 1)..];
            var (value, path) = (options[name], where.Length == 0 ? name : $"{where}.{name}");
            // A remote null puts the default in the place of what the operator says.
            var (ownValue, remoteValue) = (remote?.ContainsKey(name) == true && remote[name] is not JsonObject ? null : own?[name], remote?[name]);
            if (value is JsonObject inner)
                AddSection(list, key.Path, path, inner, ownValue as JsonObject, remoteValue as JsonObject);
            else if (key.Kind == ConfigurationKind.SectionList && value is JsonArray { Count: > 0 } elements)
                AddList(list, key.Path + "[]", path, elements, ownValue as JsonArray, remoteValue as JsonArray);
            else
                list.Add((path, Shown(value), remoteValue is not null ? ConfigurationOrigin.Remote : ownValue is not null ? ConfigurationOrigin.Base : ConfigurationOrigin.Default));
        }
    }

    private static void AddList(
        List<(string, string, ConfigurationOrigin)> list, string section, string where, JsonArray elements, JsonArray? own, JsonArray? remote)
    {
        for (var i = 0; i < elements.Count; i++)
        {
            AddSection(list, section, string.Create(CultureInfo.InvariantCulture, $"{where}[{i}]"), elements[i]!.AsObject(),
                own is null ? null : own[i] as JsonObject, remote is null ? null : remote[i] as JsonObject);
        }
    }

    private static string Shown(JsonNode? value) => value is null ? "null" : Credentials().Replace(value.ToJsonString(s_shown), "://…@");

    [GeneratedRegex("://[^/@\\s\"]*@")]
    private static partial Regex Credentials();
}

/// <summary>The options as JSON; what they compute besides is passed over.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AgentOptions))]
internal sealed partial class EffectiveJson : JsonSerializerContext;
