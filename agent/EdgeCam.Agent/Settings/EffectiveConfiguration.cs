using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace EdgeCam.Agent.Settings;

/// <summary>Every key with its value in force and where that comes from. Of a secret nothing is said but whether there is one.</summary>
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

    /// <summary>The keys with their values alone, each a line of its own; secrets are left out.</summary>
    public static IEnumerable<(string Path, string Value)> Lines(AgentOptions options)
    {
        List<(string Path, string Value, ConfigurationOrigin)> list = [];
        AddSection(list, "", "", JsonSerializer.SerializeToNode(options, EffectiveJson.Default.AgentOptions)!.AsObject(), null, null);
        return list.Select(static key => (key.Path, key.Value));
    }

    /// <summary>The values in force as JSON, in the shape of the file; secrets are left out.</summary>
    public static JsonObject Values(AgentOptions options) => Section("", JsonSerializer.SerializeToNode(options, EffectiveJson.Default.AgentOptions)!.AsObject());

    /// <summary>The keys that hold a secret, and whether it is set.</summary>
    public static IEnumerable<(string Path, bool IsSet)> Secrets(AgentOptions options)
    {
        var values = JsonSerializer.SerializeToNode(options, EffectiveJson.Default.AgentOptions)!;
        return ConfigurationKeys.All.Where(static key => key.IsSecret)
            .Select(key => (key.Path, key.Path.Split('.').Aggregate((JsonNode?)values, static (section, name) => section?[name]) is not null));
    }

    private static JsonObject Section(string section, JsonObject options)
    {
        var result = new JsonObject();
        foreach (var key in ConfigurationKeys.Table.Within(section).Where(static key => !key.IsSecret))
        {
            var name = key.Path[(key.Path.LastIndexOf('.') + 1)..];
            result[name] = options[name] switch
            {
                JsonObject inner => Section(key.Path, inner),
                JsonArray list when key.Kind == ConfigurationKind.SectionList => new JsonArray([.. list.Select(element => (JsonNode)Section(key.Path + "[]", element!.AsObject()))]),
                { } value => JsonNode.Parse(Shown(value)),
                null => null,
            };
        }

        return result;
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
                list.Add((path, key.IsSecret && value is not null ? "(a secret)" : Shown(value), remoteValue is not null ? ConfigurationOrigin.Remote : ownValue is not null ? ConfigurationOrigin.Base : ConfigurationOrigin.Default));
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
