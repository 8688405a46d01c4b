using System.Text.Json;

namespace EdgeCam.Agent.Tests.Management;

/// <summary>
/// What Home Assistant's documentation of its MQTT integration allows in a device discovery payload, in our own words: stricter than the
/// program itself, which drops keys that it does not know.
/// </summary>
internal static class HomeAssistantSchema
{
    private static readonly string[] s_root = ["device", "origin", "components", "availability", "availability_mode", "availability_topic", "availability_template", "state_topic", "command_topic", "qos", "encoding"];

    private static readonly string[] s_device =
        ["identifiers", "connections", "name", "manufacturer", "model", "model_id", "hw_version", "sw_version", "serial_number", "suggested_area", "via_device", "configuration_url"];

    private static readonly string[] s_common =
    [
        "platform", "unique_id", "name", "icon", "entity_category", "entity_picture", "enabled_by_default", "default_entity_id", "json_attributes_topic", "json_attributes_template",
        "availability", "availability_mode", "availability_topic", "availability_template", "payload_available", "payload_not_available", "qos", "encoding",
    ];

    private static readonly Dictionary<string, (string[] Required, string[] Allowed)> s_platforms = new()
    {
        ["binary_sensor"] = (["state_topic"], ["state_topic", "value_template", "device_class", "payload_on", "payload_off", "expire_after", "off_delay", "force_update"]),
        ["sensor"] = (["state_topic"],
            ["state_topic", "value_template", "device_class", "state_class", "unit_of_measurement", "expire_after", "force_update", "options", "suggested_display_precision", "last_reset_value_template"]),
        ["switch"] = (["command_topic"],
            ["command_topic", "command_template", "state_topic", "value_template", "device_class", "payload_on", "payload_off", "state_on", "state_off", "optimistic", "retain"]),
        ["button"] = (["command_topic"], ["command_topic", "command_template", "device_class", "payload_press", "retain"]),
    };

    /// <summary>Units that go with a sensor's device class.</summary>
    private static readonly Dictionary<string, string[]> s_units = new()
    {
        ["temperature"] = ["°C", "°F", "K"],
        ["duration"] = ["d", "h", "min", "s", "ms"],
        ["data_rate"] = ["bit/s", "kbit/s", "Mbit/s", "B/s"],
        ["signal_strength"] = ["dB", "dBm"],
    };

    private static readonly string[] s_binaryClasses = ["connectivity", "problem", "running", "power", "motion", "door"];

    /// <summary>Each mistake in words.</summary>
    public static IReadOnlyList<string> Mistakes(string topic, byte[] message)
    {
        List<string> found = [];
        var levels = topic.Split('/');
        if (levels is not [_, "device", var id, "config"] || !id.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-'))
            found.Add($"topic {topic}");
        var root = JsonElement.Parse(message);
        Keys(root, s_root, "", found);
        foreach (var required in new[] { "device", "origin", "components" }.Where(key => !root.TryGetProperty(key, out _)))
            found.Add($"{required} is missing");
        Keys(root.GetProperty("device"), s_device, "device.", found);
        if (!root.GetProperty("device").TryGetProperty("identifiers", out var identifiers) || identifiers.GetArrayLength() == 0)
            found.Add("device has no identifier");
        Keys(root.GetProperty("origin"), ["name", "sw_version", "support_url"], "origin.", found);
        if (!root.GetProperty("origin").TryGetProperty("name", out _))
            found.Add("origin has no name");
        if (root.TryGetProperty("availability", out var availability))
        {
            foreach (var place in availability.EnumerateArray())
                Keys(place, ["topic", "value_template", "payload_available", "payload_not_available"], "availability.", found);
        }

        var unique = new HashSet<string>(StringComparer.Ordinal);
        foreach (var component in root.GetProperty("components").EnumerateObject())
            Component(component, unique, found);
        return found;
    }

    private static void Component(JsonProperty component, HashSet<string> unique, List<string> found)
    {
        var (name, value) = (component.Name, component.Value);
        if (!value.TryGetProperty("platform", out var platform) || !s_platforms.TryGetValue(platform.GetString()!, out var keys))
        {
            found.Add($"{name} has no known platform");
            return;
        }

        if (value.EnumerateObject().Count() == 1)
            return; // it is taken away
        Keys(value, [.. s_common, .. keys.Allowed], name + ".", found);
        foreach (var required in keys.Required.Append("unique_id").Where(key => !value.TryGetProperty(key, out _)))
            found.Add($"{name}.{required} is missing");
        if (value.TryGetProperty("unique_id", out var id) && !unique.Add(id.GetString()!))
            found.Add($"{name}.unique_id is another's");
        foreach (var member in value.EnumerateObject())
            Member(name, platform.GetString()!, member, value, found);
    }

    private static void Member(string name, string platform, JsonProperty member, JsonElement component, List<string> found)
    {
        var text = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString()! : "";
        var isGood = member.Name switch
        {
            "state_topic" or "command_topic" => text.Length > 0 && text.AsSpan().IndexOfAny("+#\0") < 0,
            "entity_category" => text == "diagnostic" || (text == "config" && platform is "switch" or "button"),
            "icon" => text.StartsWith("mdi:", StringComparison.Ordinal),
            "expire_after" => member.Value.GetInt32() > 0,
            "state_class" => text is "measurement" or "total" or "total_increasing",
            "value_template" => text.StartsWith("{{ ", StringComparison.Ordinal) && text.EndsWith(" }}", StringComparison.Ordinal) && !text[2..^2].Contains("}}", StringComparison.Ordinal),
            "device_class" when platform == "binary_sensor" => s_binaryClasses.Contains(text),
            "device_class" when platform == "sensor" => s_units.TryGetValue(text, out var units) && units.Contains(component.GetProperty("unit_of_measurement").GetString()),
            "device_class" => false,
            "name" => text.Trim().Length is > 0 and <= 100,
            _ => true,
        };
        if (!isGood)
            found.Add($"{name}.{member.Name}: {member.Value.GetRawText()}");
    }

    private static void Keys(JsonElement section, IReadOnlyList<string> allowed, string where, List<string> found) =>
        found.AddRange(section.EnumerateObject().Select(static member => member.Name).Where(key => !allowed.Contains(key)).Select(key => $"{where}{key} is no key"));
}
