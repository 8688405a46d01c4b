using System.ComponentModel.DataAnnotations;

namespace EdgeCam.Agent.Security.Trust;

/// <summary>Somebody else than the device itself whose tokens it takes.</summary>
/// <param name="Name">The token's <c>iss</c>, letter by letter (RFC 7519 §4.1.1).</param>
/// <param name="KeysFile">Its public keys: PEM, or a JWK set (RFC 7517 §5). Read again when it changes.</param>
/// <param name="Keys">The keys themselves in its place, each text PEM or a JWK set.</param>
/// <param name="Scopes">The most that its tokens may allow; null: everything.</param>
internal sealed record IssuerOptions(
    [property: StringLength(256, ErrorMessage = "{0} must be at most 256 characters")] string Name,
    string? KeysFile = null,
    string[]? Keys = null,
    string[]? Scopes = null)
{
    public string[] Keys { get; init => field = value ?? []; } = Keys ?? [];

    /// <summary>Of words that are scopes.</summary>
    public AccessScope MostScopes => Scopes is null ? AccessScope.All : AccessScopes.Parse(string.Join(' ', Scopes));
}
