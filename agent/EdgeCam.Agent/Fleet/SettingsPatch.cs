using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EdgeCam.Agent.Fleet;

/// <summary>Makes a merge patch (RFC 7396) of <c>key=value</c> as people type it, or takes one as it is.</summary>
internal static partial class SettingsPatch
{
    /// <summary>Whether a word is a setting, and no device.</summary>
    public static bool IsSetting(string word) => word.Contains('=', StringComparison.Ordinal) || word.StartsWith('{');

    /// <exception cref="FleetException">One is not understood, or is a secret.</exception>
    public static JsonObject Of(IReadOnlyList<string> settings)
    {
        if (settings is [['{', ..] whole])
            return Whole(whole);
        var patch = new JsonObject();
        foreach (var setting in settings)
        {
            var at = setting.IndexOf('=', StringComparison.Ordinal);
            var (key, text) = (setting[..at], setting[(at + 1)..]);
            if (!KeyPattern().IsMatch(key))
                throw FleetException.Usage($"{PlainText.Of(key, 80)} is no key such as log.level; lists such as cameras are set as a whole, as JSON");
            CheckSecret(key);
            Put(patch, key.Split('.'), Value(text), key);
        }

        return patch;
    }

    private static JsonObject Whole(string text)
    {
        var patch = JsonFiles.Object(text, null, "")!;
        foreach (var (path, _) in ConfigGetCommand.Lines("", JsonElement.Parse(patch.ToJsonString())))
            CheckSecret(path);
        return patch;
    }

    private static void CheckSecret(string key)
    {
        if (SecretPattern().IsMatch(key))
            throw FleetException.Usage($"{key} is a secret: everybody on this machine could read it in the list of processes. Write {{\"…\": …}} into a file of your own, and give --file");
    }

    private static void Put(JsonObject section, string[] path, JsonNode? value, string key)
    {
        foreach (var name in path[..^1])
        {
            section.TryAdd(name, new JsonObject());
            section = section[name] as JsonObject ?? throw FleetException.Usage($"{key} stands below a key that has a value itself");
        }

        if (!section.TryAdd(path[^1], value))
            throw FleetException.Usage($"{key} stands there twice");
    }

    /// <summary>JSON where it is that: a number, true, null, a list; else text.</summary>
    private static JsonNode? Value(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*\z")]
    private static partial Regex KeyPattern();

    [GeneratedRegex(@"(?i)(^|\.)[A-Za-z]*(password|secret|credential)\z")]
    private static partial Regex SecretPattern();
}
