using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EdgeCam.Agent.Security;

/// <summary>Mints tokens: for this device with its own signing key, so that a maker needs no server; or for a fleet, with an issuer's.</summary>
/// <param name="issuer">The device's id, or what its configuration names in <c>security.issuers</c>.</param>
internal sealed class TokenIssuer(string issuer, DeviceKey signing, TimeProvider time)
{
    private readonly JsonWebTokenHandler _handler = new() { SetDefaultTimesOnTokenCreation = false };

    public MintedToken Mint(TokenRequest request)
    {
        using var holder = request.IsBound ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : null;
        var now = DateTimeOffset.FromUnixTimeSeconds(time.GetUtcNow().ToUnixTimeSeconds());
        var expires = now + request.Lifetime;
        var id = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
        var claims = new JsonObject
        {
            ["iss"] = issuer,
            ["aud"] = request.Audience switch
            {
                null => issuer,
                [var one] => one,
                var several => new JsonArray([.. several.Select(static one => JsonValue.Create(one))]), // RFC 7519 §4.1.3
            },
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["jti"] = id,
            ["sub"] = request.Name ?? $"link-{id}",
            ["scope"] = string.Join(' ', AccessScopes.Words(request.Scopes)),
        };
        if (request.Name is not null)
            claims["name"] = request.Name;
        if (holder is not null)
        {
            var jwk = PublicJwk.Of(holder);
            claims["cnf"] = new JsonObject { ["jwk"] = new JsonObject { ["kty"] = jwk.Kty, ["crv"] = jwk.Crv, ["x"] = jwk.X, ["y"] = jwk.Y } };
        }

        var token = signing.Use(key => _handler.CreateToken(claims.ToJsonString(), new SigningCredentials(
            new ECDsaSecurityKey(key) { KeyId = signing.Thumbprint, CryptoProviderFactory = new() { CacheSignatureProviders = false } }, SecurityAlgorithms.EcdsaSha256)));
        return new(token, id, holder is null ? null : Base64Url.EncodeToString(holder.ExportParameters(includePrivateParameters: true).D), expires);
    }
}
