using System.Net;

namespace EdgeCam.Agent.Http;

/// <summary>The viewer page, WHEP, health, and the embedded broker's WebSocket.</summary>
/// <param name="Bind">Address and port; a loopback address where access is open.</param>
/// <param name="Hosts">Names under which a reverse proxy serves it; loopback names are always allowed, and the machine's own where it is bound beyond loopback.</param>
/// <param name="CertificateFile">PEM, with its chain: https. Null: http.</param>
/// <param name="KeyFile">Its private key, PEM.</param>
/// <param name="AllowPlaintext">Other machines may reach it without TLS.</param>
internal sealed record HttpOptions(
    bool Enabled = true, string Bind = "127.0.0.1:8080", string[]? Hosts = null, string? CertificateFile = null, string? KeyFile = null, bool AllowPlaintext = false)
{
    public string[] Hosts { get; init => field = value ?? []; } = Hosts ?? [];

    /// <summary>Other machines reach it.</summary>
    public bool IsBeyondLoopback => IPEndPoint.TryParse(Bind, out var bind) && !IPAddress.IsLoopback(bind.Address);

    public bool IsSecure => CertificateFile is not null;
}
