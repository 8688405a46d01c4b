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
}
