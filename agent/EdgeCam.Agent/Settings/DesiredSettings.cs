using System.Text.Json.Nodes;
using EdgeCam.Agent.Control;

namespace EdgeCam.Agent.Settings;

/// <summary>What <c>config/desired</c> asks for: <c>{"config": {…}}</c>, the whole of what is to be set remotely, not a patch of what is.</summary>
internal static class DesiredSettings
{
    /// <summary>Checks a document's settings by themselves, and adds the secrets that are set and that it may not know.</summary>
    /// <returns>What is wrong; none: the layer is there.</returns>
    public static IReadOnlyList<ConfigurationMistake> TryRead(JsonObject config, SettingsKeeper keeper, out JsonObject? layer)
    {
        layer = null;
        var file = ConfigurationFile.Parse(config.ToJsonString());
        ConfigurationMistake[] mistakes =
        [
            .. file.Mistakes,
            .. ConfigurationKeys.All.Where(key => key.IsSecret && file.Find(key.Path) is not null)
                .Select(static key => new ConfigurationMistake(key.Path, "is a secret: it would lie at the broker", "Set it by config.set.")),
        ];
        if (mistakes.Length > 0 || file.Content is null)
            return mistakes;
        layer = file.Content;
        // A password is for the broker that it was set for.
        var (own, remote) = (keeper.Current.Own, keeper.Current.Remote);
        var (before, after) = (MergePatch.Apply(own, remote)["mqtt"]?["broker"], MergePatch.Apply(own, layer)["mqtt"]?["broker"]);
        if (JsonNode.DeepEquals(before, after) && remote["mqtt"] is JsonObject now && now["password"] is { } password)
        {
            if (layer["mqtt"] is not JsonObject mqtt)
                layer["mqtt"] = mqtt = [];
            if (!mqtt.ContainsKey("password"))
                mqtt["password"] = password.DeepClone();
        }

        return [];
    }

    /// <summary>Each with its remedy, as many as an error names.</summary>
    public static string InWords(IReadOnlyList<ConfigurationMistake> mistakes) =>
        string.Join("; ", mistakes.Take(SettingsRefusals.MaxMistakes).Select(static mistake => $"{(mistake.Key.Length == 0 ? "" : $"{mistake.Key}: ")}{mistake.Problem}. {mistake.Remedy}"))
        + (mistakes.Count > SettingsRefusals.MaxMistakes ? $"; and {mistakes.Count - SettingsRefusals.MaxMistakes} more" : "");

    public static string InWords(ControlError error) => error.Mistakes is { } wrong
        ? InWords([.. wrong.Select(static mistake => new ConfigurationMistake(mistake.Key, mistake.Problem, mistake.Remedy))])
        : $"{error.Message}{(error.Remedy is { } remedy ? $". {remedy}" : "")}";
}
