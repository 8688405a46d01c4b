using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Settings;

/// <summary>JSON Merge Patch, RFC 7396: objects merge, null removes, everything else replaces as a whole, lists too.</summary>
internal static class MergePatch
{
    /// <summary>RFC 7396 §2. Neither of the two is changed.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        var result = target.DeepClone().AsObject();
        foreach (var (name, value) in patch)
        {
            if (value is null)
                result.Remove(name);
            else if (value is JsonObject section)
                result[name] = Apply(result[name] as JsonObject ?? [], section);
            else
                result[name] = value.DeepClone();
        }

        return result;
    }

    /// <summary>The one patch that makes of a target what two do in turn. None of the three is changed.</summary>
    public static JsonObject Compose(JsonObject? target, JsonObject first, JsonObject second)
    {
        var result = first.DeepClone().AsObject();
        foreach (var (name, value) in second)
        {
            result[name] = (value, first[name]) switch
            {
                (JsonObject section, JsonObject before) => Compose(target?[name] as JsonObject, before, section),
                // What the first one removes or replaces as a whole is there no more when the second comes.
                (JsonObject section, _) when first.ContainsKey(name) => Alone(target?[name] as JsonObject, section),
                _ => value?.DeepClone(),
            };
        }

        return result;
    }

    /// <summary>A patch that leaves of a target's section nothing but what the patch itself says.</summary>
    private static JsonObject Alone(JsonObject? target, JsonObject patch)
    {
        var result = patch.DeepClone().AsObject();
        foreach (var (name, value) in target ?? [])
        {
            if (!patch.ContainsKey(name))
                result[name] = null;
            else if (patch[name] is JsonObject section)
                result[name] = Alone(value as JsonObject, section);
        }

        return result;
    }
}
