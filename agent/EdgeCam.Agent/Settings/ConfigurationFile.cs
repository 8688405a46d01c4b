using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// Reads the configuration file, JSON with comments: finds unknown, repeated and mistyped keys, and gives the rest on to the binder, so that
/// every mistake is named at once and not one per start.
/// </summary>
internal sealed class ConfigurationFile
{
    private const int MaxName = 64; // characters; none of ours is longer
    private const int MaxGuesses = 32; // whoever has more unknown keys knows where to look

    private static readonly JsonDocumentOptions s_format = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        MaxDepth = 16,
    };

    private readonly KeyTable _keys;
    private readonly Dictionary<string, string?> _values = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ConfigurationMistake> _mistakes = [];

    private bool _isAmbiguous;

    private ConfigurationFile(KeyTable keys) => _keys = keys;

    /// <summary>What may be bound: everything with a known key and a fitting type.</summary>
    public IReadOnlyDictionary<string, string?> Values => _values;

    public IReadOnlyList<ConfigurationMistake> Mistakes => _mistakes;

    /// <summary>All that the file says, unknown and mistyped keys too; null where it is no JSON object, or a key is there twice.</summary>
    public JsonObject? Content { get; private set; }

    /// <summary>The value that a key has in the file, or null.</summary>
    public string? Find(string key) => _values.GetValueOrDefault(BinderPath(key));

    /// <param name="keys">Null: those of the configuration.</param>
    public static ConfigurationFile Load(string path, KeyTable? keys = null)
    {
        try
        {
            return Parse(File.ReadAllText(path), keys);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            var file = new ConfigurationFile(keys ?? ConfigurationKeys.Table);
            file._mistakes.Add(failure is FileNotFoundException or DirectoryNotFoundException
                ? new("", $"there is no file {path}", "Name the configuration file with --config; deploy/edgecam.json has every key to begin with.")
                : new("", $"{path} cannot be read: {failure.Message}", "Let the user who runs edgecam read it."));
            return file;
        }
    }

    /// <param name="keys">Null: those of the configuration.</param>
    public static ConfigurationFile Parse(string json, KeyTable? keys = null)
    {
        var file = new ConfigurationFile(keys ?? ConfigurationKeys.Table);
        try
        {
            using var document = JsonDocument.Parse(json, s_format);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                file.ReadSection("", "", document.RootElement);
                file.Content = file._isAmbiguous ? null : JsonNode.Parse(json, documentOptions: s_format)!.AsObject();
            }
            else
            {
                file._mistakes.Add(new("", "the file is not a JSON object", "Write { at its beginning and } at its end."));
            }
        }
        catch (JsonException malformed)
        {
            var place = string.Create(CultureInfo.InvariantCulture, $"line {malformed.LineNumber + 1}, column {malformed.BytePositionInLine + 1}");
            file._mistakes.Add(new("", $"the file is not JSON: {place}", "Look there and just before for a missing comma, quote or brace."));
        }
        catch (InvalidOperationException) // a text that ends amid a pair of UTF-16 code units
        {
            file._mistakes.Add(new("", "the file has half a character, such as \\ud83d alone", "Write the character itself, in UTF-8."));
        }

        return file;
    }

    /// <param name="where">As the operator reads it: <c>cameras[0]</c>.</param>
    /// <param name="section">As <see cref="ConfigurationKeys"/> has it: <c>cameras[]</c>.</param>
    private void ReadSection(string where, string section, JsonElement element)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            var path = Join(where, property.Name);
            var key = _keys.Find(Join(section, property.Name));
            var isNew = seen.Add(property.Name);
            _isAmbiguous |= !isNew;
            if (key is null)
                _mistakes.Add(Unknown(section, path, property.Name));
            else if (!isNew)
                _mistakes.Add(new(path, "is there twice", "Leave one of them."));
            else if (property.Value.ValueKind != JsonValueKind.Null) // null stands for the default
                ReadValue(path, key, property.Value);
        }

        foreach (var key in _keys.Within(section).Where(key => key.IsRequired && !seen.Contains(key.Path[(section.Length + 1)..])))
            _mistakes.Add(new(Join(where, key.Path[(section.Length + 1)..]), "is missing", "It has no default: write it."));
    }

    private void ReadValue(string path, ConfigurationKey key, JsonElement value)
    {
        switch (key.Kind, value.ValueKind)
        {
            case (ConfigurationKind.Section, JsonValueKind.Object):
                ReadSection(path, key.Path, value);
                break;
            case (ConfigurationKind.SectionList or ConfigurationKind.TextList, JsonValueKind.Array):
                ReadList(path, key, value);
                break;
            case (ConfigurationKind.Text, JsonValueKind.String) when value.GetString()!.Length == 0:
                _mistakes.Add(new(path, "is empty", "Write a value, or null for the default."));
                break;
            case (ConfigurationKind.Text, JsonValueKind.String):
                _values[BinderPath(path)] = value.GetString();
                break;
            case (ConfigurationKind.Integer, JsonValueKind.Number) when value.TryGetInt32(out var number):
                _values[BinderPath(path)] = number.ToString(CultureInfo.InvariantCulture);
                break;
            case (ConfigurationKind.Number, JsonValueKind.Number) when value.TryGetDouble(out var real) && double.IsFinite(real):
                _values[BinderPath(path)] = real.ToString("R", CultureInfo.InvariantCulture);
                break;
            case (ConfigurationKind.Flag, JsonValueKind.True or JsonValueKind.False):
                _values[BinderPath(path)] = value.GetBoolean() ? "true" : "false";
                break;
            default:
                _mistakes.Add(new(path, $"is {(key.IsSecret ? "something else" : Shown(value))}", $"Write {Expected(key.Kind)}."));
                break;
        }
    }

    private void ReadList(string path, ConfigurationKey key, JsonElement list)
    {
        if (list.GetArrayLength() == 0)
            _values[BinderPath(path)] = ""; // the binder's sign for a list without elements, which differs from no list
        var index = 0;
        foreach (var element in list.EnumerateArray())
        {
            var where = string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]");
            if (key.Kind == ConfigurationKind.SectionList && element.ValueKind == JsonValueKind.Object)
                ReadSection(where, key.Path + "[]", element);
            else if (key.Kind == ConfigurationKind.TextList && element.ValueKind == JsonValueKind.String)
                _values[BinderPath(where)] = element.GetString();
            else
                _mistakes.Add(new(where, $"is {(key.IsSecret ? "something else" : Shown(element))}", $"Write {(key.Kind == ConfigurationKind.TextList ? "text in quotes" : "a section { … }")}."));
        }
    }

    private ConfigurationMistake Unknown(string section, string path, string name)
    {
        // The file may be a stranger's: neither long names nor many are to cost much.
        if (name.Length > MaxName)
            return new(Join(path[..^name.Length].TrimEnd('.'), name[..MaxName] + "…"), "is not a key", $"Remove it; {_keys.Manual}.");
        var nearest = _mistakes.Count < MaxGuesses ? _keys.Nearest(section, name) : null;
        return new(path, "is not a key", nearest is null ? $"Remove it; {_keys.Manual}." : $"Did you mean {nearest}?");
    }

    private static string Join(string section, string name) => section.Length == 0 ? name : $"{section}.{name}";

    private static string BinderPath(string path) =>
        path.Replace("[", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)
            .Replace("]", "", StringComparison.Ordinal)
            .Replace(".", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "a section { … }",
        JsonValueKind.Array => "a list [ … ]",
        JsonValueKind.Null => "null",
        _ => value.GetRawText() is { Length: <= 60 } text ? text : "something else",
    };

    private static string Expected(ConfigurationKind kind) => kind switch
    {
        ConfigurationKind.Text => "text in quotes",
        ConfigurationKind.Integer => "a whole number",
        ConfigurationKind.Number => "a number",
        ConfigurationKind.Flag => "true or false",
        ConfigurationKind.TextList => "a list of texts: [\"…\"]",
        ConfigurationKind.Section => "a section: { … }",
        _ => "a list of sections: [ { … } ]",
    };
}
