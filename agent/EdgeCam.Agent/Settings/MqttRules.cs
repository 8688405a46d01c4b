using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Settings;

/// <summary>What can be said about the way to the broker before anything starts.</summary>
internal static class MqttRules
{
    public static void Check(MqttOptions mqtt, List<ConfigurationMistake> mistakes)
    {
        BrokerAddress? address = null;
        if (mqtt.Broker is { } broker && !BrokerAddress.TryParse(broker, out address))
        {
            mistakes.Add(new("mqtt.broker", "is not a broker's address",
                "Write mqtt://host:1883 or mqtts://host:8883 without path, or ws://host/path or wss://host/path; without user and query."));
        }

        if (mqtt.WebSocketUrl is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && (uri.Scheme is "ws" or "wss") && uri is { UserInfo.Length: 0, Host.Length: > 0 }))
            mistakes.Add(new("mqtt.webSocketUrl", "is not a WebSocket's address", "Write wss://host/path, without user; or null."));
        if (mqtt.Broker is null && (mqtt.Username ?? mqtt.PasswordFile ?? mqtt.Password ?? mqtt.CaFile ?? mqtt.CertificateFile ?? mqtt.KeyFile ?? mqtt.Alpn ?? mqtt.ClientId) is not null)
        {
            mistakes.Add(new("mqtt.broker", "is null, yet there are credentials or certificates for it",
                "Name the broker, or remove username, passwordFile, password, caFile, certificateFile, keyFile, alpn and clientId."));
        }

        if ((mqtt.PasswordFile ?? mqtt.Password) is not null && mqtt.Username is null)
            mistakes.Add(new("mqtt.username", "is null, yet there is a password", "Name the user whose password it is."));
        if (address is { IsSecure: false })
            CheckPlain(mqtt, mistakes);
        if (mqtt.Alpn is not null && address is { IsSecure: true, Path: not null })
            mistakes.Add(new("mqtt.alpn", "is there, but a WebSocket begins with HTTP", "Write mqtts:// in mqtt.broker, or remove alpn."));
        AgentOptionsValidator.CheckReadable("mqtt.passwordFile", mqtt.PasswordFile, mistakes);
        AgentOptionsValidator.CheckReadable("mqtt.caFile", mqtt.CaFile, mistakes);
        CertificateRules.Check(
            "mqtt", mqtt.CertificateFile, mqtt.KeyFile, "A broker that asks for a certificate wants both, the certificate and its private key; any other neither.", "device", isKeyKept: true, mistakes);
    }

    /// <summary>What has no sense without TLS.</summary>
    private static void CheckPlain(MqttOptions mqtt, List<ConfigurationMistake> mistakes)
    {
        foreach (var (key, value) in new[] { ("caFile", mqtt.CaFile), ("certificateFile", mqtt.CertificateFile), ("keyFile", mqtt.KeyFile), ("alpn", mqtt.Alpn) })
        {
            if (value is not null)
                mistakes.Add(new($"mqtt.{key}", "is there, but the broker is reached without TLS", $"Write mqtts:// or wss:// in mqtt.broker, or remove {key}."));
        }
    }
}
