using System.Security.Cryptography;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
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
    private const int MaxDepth = 8;

    private static readonly long s_lastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private readonly ECDsa _key;
    private readonly string _device;
    private readonly TimeProvider _time;

    public TokenVerifier(string device, DeviceKey signing, TimeProvider time)
    {
        (_device, _time) = (device, time);
        _key = signing.PublicPart();
    }

    public (VerifiedToken? Token, AccessRefusal Refusal) Verify(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return (null, AccessRefusal.NoToken);
        if (text.Length > MaxLength)
            return (null, AccessRefusal.Oversized);
        if (CompactJws.TryRead(text, MaxDepth) is not var (token, claims))
            return (null, AccessRefusal.Malformed);
        if (token.Alg != SecurityAlgorithms.EcdsaSha256)
            return (null, AccessRefusal.WrongAlgorithm);
        if (token.Typ is not "JWT")
            return (null, AccessRefusal.Malformed);
        if (!CompactJws.IsSigned(token, _key))
            return (null, AccessRefusal.BadSignature);
        return Check(claims);
    }

    public void Dispose() => _key.Dispose();

    private (VerifiedToken? Token, AccessRefusal Refusal) Check(JsonElement claims)
    {
        if (CompactJws.Text(claims, "iss") != _device)
            return (null, AccessRefusal.WrongIssuer);
        if (!IsAudience(claims))
            return (null, AccessRefusal.WrongAudience);
        if (!DeviceClock.IsSet(_time))
            return (null, AccessRefusal.ClockNotSet);
        var now = _time.GetUtcNow();
        if (Time(claims, "exp") is not { } expires || Time(claims, "nbf") is not { } notBefore)
            return (null, AccessRefusal.NoLifetime);
        if (expires - notBefore > MaxLifetime)
            return (null, AccessRefusal.LifetimeTooLong);
        if (now - Skew >= expires)
            return (null, AccessRefusal.Expired);
        if (now + Skew < notBefore)
            return (null, AccessRefusal.NotYetValid);
        var scopes = AccessScopes.Parse(CompactJws.Text(claims, "scope") ?? "");
        if (scopes == AccessScope.None)
            return (null, AccessRefusal.NoScope);
        if (!TryHolder(claims, out var holder))
            return (null, AccessRefusal.BadHolderKey);

        // Whoever is let in by the tolerance alone has that long; everybody else until the very second.
        var left = expires > now ? expires - now : expires + Skew - now;
        return (new(CompactJws.Text(claims, "jti") ?? "", NameOf(claims), scopes, Deadline.After(left, _time), holder), AccessRefusal.None);
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
        var name = CompactJws.Text(claims, "name") ?? CompactJws.Text(claims, "sub") ?? "";
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
        holder = new(CompactJws.Text(jwk, "kty") ?? "", CompactJws.Text(jwk, "crv") ?? "", CompactJws.Text(jwk, "x") ?? "", CompactJws.Text(jwk, "y") ?? "");
        using var key = holder.TryImport();
        return key is not null;
    }

    private static DateTimeOffset? Time(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) && seconds >= 0 && seconds <= s_lastSecond
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
