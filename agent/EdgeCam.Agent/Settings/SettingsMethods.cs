using System.Text.Json.Nodes;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Settings;

/// <summary>The namespace <c>config</c>.</summary>
internal static class SettingsMethods
{
    private const int MaxKeys = 128;

    private static readonly ControlParameter s_revision = new(
        "revision", ParameterKind.Text, "The revision that the caller has seen. Where it is another meanwhile, nothing is set.", Minimum: 16, Maximum: 16);

    private static readonly ControlParameter s_dryRun = new("dryRun", ParameterKind.Flag, "Says what it would do, and does nothing.");

    public static IEnumerable<ControlMethod> Create(SettingsService service)
    {
        yield return new(
            "config.get", AccessScope.Manage, "Tells the settings in force, which of them were set remotely, whether they are confirmed, and their revision. Of a secret: whether it is set.", [],
            call => service.AskAsync(() => service.Get(call.Result)));
        yield return new(
            "config.set", AccessScope.Manage,
            "Changes settings by a JSON merge patch (RFC 7396); null is a key's default. All of it is checked first. What might put the device out of reach is on trial until it is well, and rolled back by itself if not.",
            [new("patch", ParameterKind.Section, "In the shape of the configuration file. A list is replaced as a whole.", IsRequired: true), s_revision, s_dryRun],
            call => service.AskAsync(() => Set(service, call)));
        yield return new(
            "config.reset", AccessScope.Manage, "Takes back what was set remotely, so that what the operator's file says is in force.",
            [new("keys", ParameterKind.TextList, "Keys, or sections, such as mqtt.broker or cameras; left out: all of them.", Maximum: MaxKeys), s_revision, s_dryRun],
            call => service.AskAsync(() => Reset(service, call)));
    }

    private static ControlError? Set(SettingsService service, ControlCall call)
    {
        var patch = ConfigurationFile.Parse(call.Arguments.Section("patch")!.Value.GetRawText());
        if (patch.Content is null || patch.Mistakes.Count > 0)
            return SettingsRefusals.Invalid(patch.Mistakes);
        var now = service.Keeper.Current;
        return service.Put(MergePatch.Compose(now.Own, now.Remote, patch.Content), Request(call), call.Result);
    }

    private static ControlError? Reset(SettingsService service, ControlCall call)
    {
        if (call.Arguments.Texts("keys") is not { } keys)
            return service.Put([], Request(call), call.Result);
        var layer = service.Keeper.Current.Remote.DeepClone().AsObject();
        List<ConfigurationMistake> unknown = [];
        foreach (var key in keys)
        {
            if (!Remove(layer, key.Split('.')))
                unknown.Add(new(key, "is not set remotely", "config.get names what is: in remote."));
        }

        return unknown.Count > 0 ? SettingsRefusals.Invalid(unknown) : service.Put(layer, Request(call), call.Result);
    }

    private static SettingsRequest Request(ControlCall call) => new(call.Caller.Id, call.Arguments.Text("revision"), call.Arguments.Flag("dryRun") == true);

    /// <returns>False where there is no such key.</returns>
    private static bool Remove(JsonObject section, ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
            return section.Remove(path[0]);
        if (section[path[0]] is not JsonObject inner || !Remove(inner, path[1..]))
            return false;
        if (inner.Count == 0)
            section.Remove(path[0]);
        return true;
    }
}
