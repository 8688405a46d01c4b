namespace EdgeCam.Agent.Settings;

/// <summary>What <c>telemetry</c> and <c>homeAssistant</c> ask of themselves and of the other sections.</summary>
internal static class TelemetryRules
{
    public static void Check(AgentOptions options, List<ConfigurationMistake> mistakes)
    {
        if (options.Telemetry.OtlpEndpoint is { } endpoint && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri)
            && uri is { Scheme: "http" or "https", UserInfo.Length: 0, Host.Length: > 0, Query.Length: 0, Fragment.Length: 0 }))
        {
            mistakes.Add(new("telemetry.otlpEndpoint", "is not the address of an OpenTelemetry collector", "Write http://host:4318 or https://host:4318, without user and ?; or null."));
        }

        if (options.HomeAssistant.Enabled && options.Mqtt.Broker is null)
        {
            mistakes.Add(new("homeAssistant.enabled", "is true, yet the device has no broker in common with Home Assistant: the embedded one lets in viewers and operators only",
                "Name Home Assistant's broker in mqtt.broker; or set it to false."));
        }

        if (options.HomeAssistant is { Commands: true, Enabled: false })
            mistakes.Add(new("homeAssistant.commands", "is true, yet homeAssistant.enabled is false: no command would ever come", "Set homeAssistant.enabled to true, or this to false."));
    }
}
