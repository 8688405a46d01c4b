using static EdgeCam.Agent.Settings.ConfigurationKind;

namespace EdgeCam.Agent.Settings;

/// <summary>The keys of the file that sets up a device at its first boot; below <c>config</c> all those of the configuration.</summary>
internal static class SetupKeys
{
    public static KeyTable Table { get; } = new(
    [
        new("device", Section),
        new("device.id", Text),
        new("device.name", Text),
        new("wifi", Section),
        new("wifi.ssid", Text, IsRequired: true),
        new("wifi.password", Text, IsSecret: true),
        new("wifi.country", Text),
        new("wifi.hidden", Flag),
        new("mqtt", Section),
        new("mqtt.broker", Text),
        new("mqtt.username", Text),
        new("mqtt.password", Text, IsSecret: true),
        new("mqtt.ca", Text),
        new("mqtt.certificate", Text),
        new("mqtt.key", Text, IsSecret: true),
        new("keys", Section),
        new("keys.signing", Text, IsSecret: true),
        new("keys.identity", Text, IsSecret: true),
        new("security", Section),
        new("security.issuers", SectionList, IsRequired: true),
        new("security.issuers[].name", Text, IsRequired: true),
        new("security.issuers[].keys", Text, IsRequired: true, IsSecret: true), // a private one, by mistake
        new("security.issuers[].scopes", TextList),
        new("update", Section),
        new("update.keys", TextList, IsRequired: true, IsSecret: true),
        new("ssh", Section),
        new("ssh.authorizedKeys", TextList, IsRequired: true),
        new("config", Section),
        .. ConfigurationKeys.All.Select(static key => key with { Path = $"config.{key.Path}" }),
    ], "its sections are device, wifi, mqtt, keys, security, update, ssh and config");
}
