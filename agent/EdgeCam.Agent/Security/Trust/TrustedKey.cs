using Microsoft.IdentityModel.JsonWebTokens;

namespace EdgeCam.Agent.Security.Trust;

/// <summary>A public key whose tokens are taken.</summary>
/// <param name="Id">The <c>kid</c> that its JWK has; null where it has none.</param>
internal sealed record TrustedKey(string? Id, PublicJwk Jwk)
{
    /// <summary>RFC 7638.</summary>
    public string Thumbprint { get; } = Jwk.Thumbprint();

    /// <summary>Whether a token's <c>kid</c> (RFC 7515 §4.1.4) names it. Where a key has no name of its own, its thumbprint is one.</summary>
    public bool IsNamed(string kid) => kid == Id || kid == Thumbprint;

    /// <summary>Makes the key anew each time: issuers' keys come and go with their files, and nobody has to know who still uses one.</summary>
    public bool HasSigned(JsonWebToken message)
    {
        using var key = Jwk.TryImport();
        return key is not null && CompactJws.IsSigned(message, key);
    }
}
