using System.Security.Cryptography;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security.Trust;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EdgeCam.Agent.Security;

/// <summary>
/// Says of a JWT (RFC 7519, and RFC 8725 for what to beware of) whether it is of an issuer that this device trusts, for this device and of this
/// time. Needs no server. Used from any thread.
/// </summary>
/// <remarks>
/// The header's kid chooses among the issuer's keys; a token without one is tried with each. Left out: other algorithms than ES256, other types
/// than JWT, encrypted and nested tokens, the header's jwk, jku and x5c.
/// </remarks>
internal sealed class TokenVerifier : IDisposable
{
    /// <summary>A longer token is not even looked at.</summary>
    public const int MaxLength = 4096;

    public static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(400);

    private const int MaxName = 64;
    private const int MaxDepth = 8;

    private static readonly long s_lastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    private readonly TrustStore _trust;
    private readonly string _ownThumbprint;
    private readonly ECDsa _own; // kept: most tokens are of the device itself
    private readonly TimeProvider _time;

    /// <summary>For a device that believes nobody but itself.</summary>
    public TokenVerifier(string device, DeviceKey signing, TimeProvider time)
        : this(new TrustStore(device, signing, time), signing, time)
    {
    }

    public TokenVerifier(TrustStore trust, DeviceKey signing, TimeProvider time)
    {
        (_trust, _ownThumbprint, _time) = (trust, signing.Thumbprint, time);
        _own = signing.PublicPart();
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
        if (_trust.Find(CompactJws.Text(claims, "iss")) is not { } issuer)
            return (null, AccessRefusal.WrongIssuer);
        var kid = token.Kid;
        TrustedKey[] candidates = [.. issuer.Keys.Where(key => string.IsNullOrEmpty(kid) || key.IsNamed(kid))];
        if (candidates.Length == 0)
            return (null, AccessRefusal.UnknownKey);
        return Array.Find(candidates, key => HasSigned(key, token)) is { } signer ? Check(claims, issuer, signer) : (null, AccessRefusal.BadSignature);
    }

    public void Dispose() => _own.Dispose();

    private bool HasSigned(TrustedKey key, JsonWebToken token) => key.Thumbprint == _ownThumbprint ? CompactJws.IsSigned(token, _own) : key.HasSigned(token);

    private (VerifiedToken? Token, AccessRefusal Refusal) Check(JsonElement claims, TrustedIssuer issuer, TrustedKey signer)
    {
        if (!_trust.IsAudience(claims))
            return (null, AccessRefusal.WrongAudience);
        if (!DeviceClock.IsSet(_time))
            return (null, AccessRefusal.ClockNotSet);
        var now = _time.GetUtcNow();
        if (Time(claims, "exp") is not { } expires || Time(claims, "nbf") is not { } notBefore)
            return (null, AccessRefusal.NoLifetime);
        if (expires - notBefore > MaxLifetime)
            return (null, AccessRefusal.LifetimeTooLong);
        if (now - _trust.Skew >= expires)
            return (null, AccessRefusal.Expired);
        if (now + _trust.Skew < notBefore)
            return (null, AccessRefusal.NotYetValid);
        var scopes = AccessScopes.Parse(CompactJws.Text(claims, "scope") ?? "") & issuer.Scopes;
        if (scopes == AccessScope.None)
            return (null, AccessRefusal.NoScope);
        if (!TryHolder(claims, out var holder))
            return (null, AccessRefusal.BadHolderKey);

        var origin = new TokenOrigin(issuer.Name, signer.Thumbprint, signer.Id, CompactJws.Text(claims, "jti") ?? "", (Time(claims, "iat") ?? notBefore).ToUnixTimeSeconds());
        var revoked = _trust.Revocations.Find(origin, holder?.Thumbprint());
        if (revoked != AccessRefusal.None)
            return (null, revoked);

        // Whoever is let in by the tolerance alone has that long; everybody else until the very second.
        var left = expires > now ? expires - now : expires + _trust.Skew - now;
        return (new(origin, NameOf(claims), scopes, Deadline.After(left, _time), holder), AccessRefusal.None);
    }

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
