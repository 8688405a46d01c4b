using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;
using EdgeCam.Agent.Security.Trust;
using Microsoft.Extensions.Options;

namespace EdgeCam.Agent.Security;

/// <summary>Who may watch and control.</summary>
/// <param name="Access">
/// <c>tokens</c>: whoever has a token and its key, which signs the offer; <c>bearer</c>: whoever has a token; <c>open</c>: whoever reaches
/// the device, which then binds loopback only.
/// </param>
/// <param name="PageUrl">What links to the viewer begin with; null: https under the first of http.hosts, or where http.bind says.</param>
/// <param name="Issuers">Whose tokens are taken besides the device's own.</param>
/// <param name="ClockSkewSeconds">How far the clocks of issuers and device may differ.</param>
/// <param name="RevokedFile">Tokens, holders and keys that are taken no longer, JSON; read again when it changes.</param>
/// <param name="RemoteKeys">Keys of the configuration that may be set from afar, of those that may be opened at all.</param>
internal sealed record SecurityOptions(
    [property: OneOf("tokens", "bearer", "open")] string Access = "tokens",
    string? PageUrl = null,
    IssuerOptions[]? Issuers = null,
    [property: Range(0, 300)] int ClockSkewSeconds = 30,
    string? RevokedFile = null,
    string[]? RemoteKeys = null)
{
    [ValidateEnumeratedItems]
    public IssuerOptions[] Issuers { get; init => field = value ?? []; } = Issuers ?? [];

    public string[] RemoteKeys { get; init => field = value ?? []; } = RemoteKeys ?? [];

    public AccessMode Mode => Access switch { "open" => AccessMode.Open, "bearer" => AccessMode.Bearer, _ => AccessMode.Tokens };
}
