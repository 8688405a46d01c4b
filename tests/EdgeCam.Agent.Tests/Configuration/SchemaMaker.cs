using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeCam.Agent.Configuration;
using EdgeCam.Agent.Settings;

namespace EdgeCam.Agent.Tests.Configuration;

/// <summary>Makes the JSON Schema of the configuration: of the table of keys, the rules on the records, and the comments in the shipped file.</summary>
internal static partial class SchemaMaker
{
    private static readonly JsonSerializerOptions s_written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="shipped">deploy/edgecam.json.</param>
    public static string Make(string shipped)
    {
        var schema = new JsonObject { ["$schema"] = "https://json-schema.org/draft/2020-12/schema", ["title"] = "EdgeCam's configuration" };
        var defaults = EffectiveConfiguration.Values(new AgentOptions());
        foreach (var (name, value) in Section("", typeof(AgentOptions), defaults, Comments(shipped), isElement: false))
            schema[name] = value?.DeepClone();
        return schema.ToJsonString(s_written) + "\n";
    }

    /// <param name="isElement">Of a list, where null stands for nothing.</param>
    private static JsonObject Section(string section, Type record, JsonObject? defaults, IReadOnlyDictionary<string, string> comments, bool isElement)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var key in ConfigurationKeys.Table.Within(section))
        {
            var name = key.Path[(key.Path.LastIndexOf('.') + 1)..];
            var property = record.GetProperty(char.ToUpperInvariant(name[0]) + name[1..])!;
            properties[name] = Key(key, property, defaults?[name], comments);
            if (key.IsRequired)
                required.Add(name);
        }

        var schema = new JsonObject { ["type"] = isElement || section.Length == 0 ? "object" : new JsonArray("object", "null"), ["additionalProperties"] = false, ["properties"] = properties };
        if (required.Count > 0)
            schema["required"] = required;
        return schema;
    }

    private static JsonObject Key(ConfigurationKey key, PropertyInfo property, JsonNode? fallback, IReadOnlyDictionary<string, string> comments)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var schema = key.Kind switch
        {
            ConfigurationKind.Section => Section(key.Path, type, fallback as JsonObject, comments, isElement: false),
            ConfigurationKind.SectionList => List(Section(key.Path + "[]", type.GetElementType()!, (fallback as JsonArray)?.FirstOrDefault() as JsonObject, comments, isElement: true)),
            ConfigurationKind.TextList => List(new() { ["type"] = "string" }),
            ConfigurationKind.Flag => Of("boolean"),
            ConfigurationKind.Integer => Of("integer"),
            ConfigurationKind.Number => Of("number"),
            _ => Text(property),
        };
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
            (schema["minimum"], schema["maximum"]) = (JsonValue.Create(Convert.ToInt32(range.Minimum)), JsonValue.Create(Convert.ToInt32(range.Maximum)));
        if (key.IsSecret)
            schema["writeOnly"] = true;
        else if (fallback is JsonValue or JsonArray && key.Kind is not ConfigurationKind.SectionList && !key.IsRequired)
            schema["default"] = fallback.DeepClone();
        if (comments.GetValueOrDefault(key.Path) is { } comment)
            schema.Insert(0, "description", comment);
        return schema;
    }

    private static JsonObject Of(string type) => new() { ["type"] = new JsonArray(type, "null") };

    private static JsonObject List(JsonObject items) => new() { ["type"] = new JsonArray("array", "null"), ["items"] = items };

    private static JsonObject Text(PropertyInfo property)
    {
        if (property.GetCustomAttribute<OneOfAttribute>() is { } choice)
            return new() { ["enum"] = new JsonArray([.. choice.Words.Select(static word => (JsonNode)word), null]) };
        var schema = Of("string");
        schema["minLength"] = 1;
        if (property.GetCustomAttribute<StringLengthAttribute>() is { } length)
            schema["maxLength"] = length.MaximumLength;
        if (property.GetCustomAttribute<WordAttribute>() is { } rule)
            schema["pattern"] = Pattern(rule);
        return schema;
    }

    private static string Pattern(WordAttribute rule)
    {
        var word = rule.First is { } first ? $"[{first}][{rule.Characters}]{{0,{rule.Most - 1}}}" : $"[{rule.Characters}]{{1,{rule.Most}}}";
        return rule.Levels == 1 ? $"^{word}$" : $"^{word}(/{word}){{0,{rule.Levels - 1}}}$";
    }

    /// <summary>The comment above each key; keys below one another share it.</summary>
    private static Dictionary<string, string> Comments(string shipped)
    {
        Dictionary<string, string> found = [];
        List<string> path = [], comment = [];
        foreach (var line in shipped.Split('\n').Select(static line => line.Trim()).SkipWhile(static line => line != "{"))
        {
            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                comment.Add(line[2..].Trim());
                continue;
            }

            if (KeyLine().Match(line) is { Success: true } key)
            {
                if (comment.Count > 0)
                    found[string.Join('.', path.Append(key.Groups[1].Value)).Replace(".[]", "[]", StringComparison.Ordinal)] = string.Join('\n', comment);
                if (key.Groups[2].Value is "{" or "[")
                    path.Add(key.Groups[1].Value);
            }
            else if (line == "{" && path.Count > 0)
            {
                path.Add("[]");
            }
            else if (line.StartsWith('}') || line.StartsWith(']'))
            {
                if (path.Count > 0)
                    path.RemoveAt(path.Count - 1);
            }

            comment.Clear();
        }

        return found;
    }

    [GeneratedRegex(@"^""(\w+)"": (.+?),?$")]
    private static partial Regex KeyLine();
}
