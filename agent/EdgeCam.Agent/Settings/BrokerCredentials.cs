using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// What proves the device to its broker is told to no other: where the remote layer names a broker of its own, it gives that one's user and
/// password itself, and the files that the operator named for his are out of force.
/// </summary>
internal static class BrokerCredentials
{
    private static readonly string[] s_files = ["passwordFile", "certificateFile", "keyFile"];

    /// <summary>Takes out of the merged configuration what is not for this broker.</summary>
    /// <returns>A mistake where the remote layer leaves open who the device is there; null where it does not.</returns>
    public static ConfigurationMistake? Separate(JsonObject own, JsonObject remote, JsonObject merged)
    {
        if (remote["mqtt"] is not JsonObject said || merged["mqtt"] is not JsonObject mqtt)
            return null;
        var operators = own["mqtt"] as JsonObject ?? [];
        if (!JsonNode.DeepEquals(operators["broker"], mqtt["broker"]))
        {
            var proves = operators["username"] is not null || s_files.Any(file => operators[file] is not null);
            if (proves && !(said.ContainsKey("username") && said.ContainsKey("password")))
            {
                return new(
                    "mqtt.broker", "is another than the operator's, whose user and password are not told to it",
                    "Set mqtt.username and mqtt.password together with it, or write null for both.");
            }

            foreach (var file in s_files)
                mqtt.Remove(file);
        }

        if (said["password"] is not null)
            mqtt.Remove("passwordFile"); // the newer one counts
        return null;
    }
}
