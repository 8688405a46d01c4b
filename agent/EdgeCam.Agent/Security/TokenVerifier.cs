using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EdgeCam.Agent.Security;

/// <summary>
/// Says of a JWT (RFC 7519, and RFC 8725 for what to beware of) whether it is this device's, for this device and of this time. Needs no
/// server. Used from any thread.
/// </summary>
/// <remarks>Left out: other issuers than the device itself, other algorithms than ES256, encrypted and nested tokens, the header's jwk, jku and x5c.</remarks>
internal sealed class TokenVerifier : IDisposable
{
    /// <summary>A longer token is not even looked at.</summary>
    public const int MaxLength = 4096;

    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(400);

    /// <summary>How far clocks may differ.</summary>
    public static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    private const int MaxName = 64;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 }; // RFC 8725 §2.4
    private static readonly DateTimeOffset s_beforeUs = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly long s_lastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaxLength };
    private readonly ECDsa _key;
    private readonly TokenValidationParameters _signature;
    private readonly string _device;
    private readonly TimeProvider _time;

    public TokenVerifier(string device, DeviceKey signing, TimeProvider time)
    {
        (_device, _time) = (device, time);
        _key = signing.PublicPart();
        _signature = new()
        {
            IssuerSigningKey = new ECDsaSecurityKey(_key)
            {
                KeyId = signing.Thumbprint,
                CryptoProviderFactory = new() { CacheSignatureProviders = false }, // the cache would outlive the key
            },
            TryAllIssuerSigningKeys = true, // kid need not be there
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            RequireSignedTokens = true,
            // The claims are looked at here, each with its own reason.
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
        };
    }

    public (VerifiedToken? Token, AccessRefusal Refusal) Verify(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return (null, AccessRefusal.NoToken);
        if (text.Length > MaxLength)
            return (null, AccessRefusal.Oversized);
        if (TryRead(text) is not { } token)
            return (null, AccessRefusal.Malformed);
        if (token.Alg != SecurityAlgorithms.EcdsaSha256)
            return (null, AccessRefusal.WrongAlgorithm);
        if (token.Typ is not "JWT")
            return (null, AccessRefusal.Malformed);
        if (!IsSigned(token))
            return (null, AccessRefusal.BadSignature);
        return TryClaims(token) is { } claims ? Check(claims) : (null, AccessRefusal.Malformed);
    }

    public void Dispose() => _key.Dispose();

    private static JsonWebToken? TryRead(string text)
    {
        if (!CompactJws.IsWritten(text))
            return null;
        try
        {
            var token = new JsonWebToken(text);
            return CompactJws.HasCritical(token) ? null : token;
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or JsonException or InvalidOperationException or SecurityTokenException)
        {
            return null;
        }
    }

    private bool IsSigned(JsonWebToken token)
    {
        var validating = _handler.ValidateTokenAsync(token, _signature);
        return validating.GetAwaiter().GetResult().IsValid; // done at once: nothing is fetched
    }

    private static JsonElement? TryClaims(JsonWebToken token)
    {
        try
        {
            var claims = JsonElement.Parse(Base64Url.DecodeFromChars(token.EncodedPayload), s_strict);
            return claims.ValueKind == JsonValueKind.Object ? claims : null;
        }
        catch (Exception malformed) when (malformed is JsonException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }

    private (VerifiedToken? Token, AccessRefusal Refusal) Check(JsonElement claims)
    {
        if (Text(claims, "iss") != _device)
            return (null, AccessRefusal.WrongIssuer);
        if (!IsAudience(claims))
            return (null, AccessRefusal.WrongAudience);
        var now = _time.GetUtcNow();
        if (now < s_beforeUs)
            return (null, AccessRefusal.ClockNotSet);
        if (Time(claims, "exp") is not { } expires || Time(claims, "nbf") is not { } notBefore)
            return (null, AccessRefusal.NoLifetime);
        if (expires - notBefore > MaxLifetime)
            return (null, AccessRefusal.LifetimeTooLong);
        if (now - Skew >= expires)
            return (null, AccessRefusal.Expired);
        if (now + Skew < notBefore)
            return (null, AccessRefusal.NotYetValid);
        var scopes = AccessScopes.Parse(Text(claims, "scope") ?? "");
        if (scopes == AccessScope.None)
            return (null, AccessRefusal.NoScope);
        if (!TryHolder(claims, out var holder))
            return (null, AccessRefusal.BadHolderKey);

        // Whoever is let in by the tolerance alone has that long; everybody else until the very second.
        return (new(Text(claims, "jti") ?? "", NameOf(claims), scopes, expires > now ? expires : expires + Skew, holder), AccessRefusal.None);
    }

    /// <summary>One, or a list (RFC 7519 §4.1.3).</summary>
    private bool IsAudience(JsonElement claims) => claims.TryGetProperty("aud", out var audience) && audience.ValueKind switch
    {
        JsonValueKind.String => audience.ValueEquals(_device),
        JsonValueKind.Array => audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.ValueEquals(_device)),
        _ => false,
    };

    private static string NameOf(JsonElement claims)
    {
        var name = Text(claims, "name") ?? Text(claims, "sub") ?? "";
        var plain = new string([.. name.Where(letter => !char.IsControl(letter)).Take(MaxName)]).Trim();
        return plain.Length == 0 ? "viewer" : plain;
    }

    /// <summary>False where there is a key that is none of ours; without any the token is a plain bearer token.</summary>
    private static bool TryHolder(JsonElement claims, out PublicJwk? holder)
    {
        holder = null;
        if (!claims.TryGetProperty("cnf", out var confirmation))
            return true;
        if (confirmation.ValueKind != JsonValueKind.Object || !confirmation.TryGetProperty("jwk", out var jwk) || jwk.ValueKind != JsonValueKind.Object)
            return false;
        holder = new(Text(jwk, "kty") ?? "", Text(jwk, "crv") ?? "", Text(jwk, "x") ?? "", Text(jwk, "y") ?? "");
        using var key = holder.TryImport();
        return key is not null;
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds >= 0 && seconds <= s_lastSecond
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
