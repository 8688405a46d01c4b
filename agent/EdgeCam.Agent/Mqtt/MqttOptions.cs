using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;
using Microsoft.Extensions.Options;

namespace EdgeCam.Agent.Mqtt;

/// <summary>How the agent reaches its broker.</summary>
/// <param name="Broker"><c>mqtt://host:port</c>, <c>mqtts://host:port</c>, <c>ws://host:port/path</c> or <c>wss://host:port/path</c>; null starts the embedded broker.</param>
/// <param name="Prefix">What all topics begin with.</param>
/// <param name="PasswordFile">A file with the password, so that no secret stands in the configuration.</param>
/// <param name="Password">In its place, where it was set remotely; the operator's file has none.</param>
/// <param name="CaFile">Certificates (PEM) to trust for <c>mqtts://</c> and <c>wss://</c>; null trusts the system's.</param>
/// <param name="WebSocketUrl">Where browsers reach <paramref name="Broker"/>; null: they do not, and come by WHEP only.</param>
/// <param name="KeepAliveSeconds">A connection that carries nothing more is noticed after one and a half of it, at the latest.</param>
/// <param name="ClientId">How the agent names itself in CONNECT (MQTT 5 §3.1.3.1); null: as the device's id.</param>
/// <param name="CertificateFile">The device's own certificate and its chain (PEM), for a broker that asks for one; read again for each connection.</param>
/// <param name="KeyFile">Its private key (PEM).</param>
/// <param name="Alpn">The protocol to ask for in TLS (RFC 7301), for <c>mqtts://</c> on a port that serves others too.</param>
internal sealed record MqttOptions(
    string? Broker = null,
    // AWS IoT allows 7 slashes in a topic, and a session topic has 5 below the prefix.
    [property: Word("A-Za-z0-9_-", 128, Levels = 3, ErrorMessage = "{0} must be 1 to 3 levels of A-Z, a-z, 0-9, '_' and '-', separated by '/'")]
    [property: StringLength(128, ErrorMessage = "{0} must be at most 128 characters")] string Prefix = "edgecam/v1",
    string? Username = null,
    string? PasswordFile = null,
    string? Password = null,
    string? CaFile = null,
    [property: Range(5, 1200)] int KeepAliveSeconds = 30,
    string? WebSocketUrl = null,
    EmbeddedBrokerOptions? Embedded = null,
    [property: Word("!-~", 128, ErrorMessage = "{0} must be 1 to 128 printable ASCII characters without blanks")] string? ClientId = null,
    string? CertificateFile = null,
    string? KeyFile = null,
    [property: Word("!-~", 255, ErrorMessage = "{0} must be 1 to 255 printable ASCII characters without blanks")] string? Alpn = null)
{
    [ValidateObjectMembers]
    public EmbeddedBrokerOptions Embedded { get; init => field = value ?? new(); } = Embedded ?? new();

    /// <summary>The agent brings its own broker, unless another is named.</summary>
    public bool UsesEmbeddedBroker => Broker is null && Embedded.Enabled;

    public bool IsEnabled => Broker is not null || Embedded.Enabled;

    /// <summary>Without the password, wherever a record is written out.</summary>
    public override string ToString() => Broker ?? "embedded broker";
}
