using System.Security.Cryptography;
using System.Text.Json;

namespace EdgeCam.Agent.Security.Trust;

/// <summary>Reads the public keys of an issuer: one or more in PEM (BEGIN PUBLIC KEY), or a JWK set (RFC 7517 §5).</summary>
/// <remarks>
/// Of a JWK set those members are passed over, as RFC 7517 §5 has it, that are no keys for ES256: another kty, crv, alg or use. Left out: x5c,
/// x5u, and fetching a set from an address.
/// </remarks>
internal static class IssuerKeys
{
    public const int MaxKeys = 32;

    /// <summary>A larger text holds something else, bytes.</summary>
    public const int MaxText = 64 * 1024;

    public const string Remedy = "Write public keys on the curve P-256: BEGIN PUBLIC KEY (PEM), or a JWK set {\"keys\": [ … ]} (RFC 7517).";

    private const string PrivateKey = "holds a private key, which belongs to the issuer alone: take it away, and make the issuer another";
    private const int MaxId = 256;
    private const int MaxDepth = 8;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    /// <param name="problem">Ends a sentence that begins with where the text stands; has nothing of the text in it.</param>
    /// <returns>The keys, at least one; none where there is a problem.</returns>
    public static IReadOnlyList<TrustedKey> Parse(string text, out string? problem)
    {
        List<TrustedKey> keys = [];
        problem = text.Length > MaxText ? $"is longer than {MaxText / 1024} KiB" : text.AsSpan().TrimStart() is ['{', ..] ? ReadSet(text, keys) : ReadPem(text, keys);
        problem ??= keys.Count switch
        {
            0 => "has no public key that ES256 could use",
            > MaxKeys => $"has more than {MaxKeys} keys",
            _ => null,
        };
        return problem is null ? keys : [];
    }

    private static string? ReadPem(string text, List<TrustedKey> keys)
    {
        var rest = text.AsSpan();
        while (keys.Count <= MaxKeys && PemEncoding.TryFind(rest, out var found))
        {
            var label = rest[found.Label];
            if (label.EndsWith("PRIVATE KEY", StringComparison.Ordinal))
                return PrivateKey;
            if (label is not "PUBLIC KEY" || TryImport(rest[found.Location]) is not { } key)
                return "has something else than public keys on the curve P-256 in it";
            keys.Add(new(null, key));
            rest = rest[found.Location.End..];
        }

        return null;
    }

    private static PublicJwk? TryImport(ReadOnlySpan<char> pem)
    {
        using var key = PemKey.TryRead(pem, isPrivate: false);
        return key is null ? null : PublicJwk.Of(key);
    }

    private static string? ReadSet(string text, List<TrustedKey> keys)
    {
        try
        {
            var set = JsonElement.Parse(text, s_strict);
            if (!set.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
                return "is JSON, but no JWK set";
            foreach (var jwk in list.EnumerateArray())
            {
                if (jwk.ValueKind != JsonValueKind.Object)
                    return "is JSON, but no JWK set";
                if (jwk.TryGetProperty("d", out _) || jwk.TryGetProperty("k", out _)) // RFC 7518 §6.2.2, §6.3.2, §6.4.1
                    return PrivateKey;
                if (keys.Count <= MaxKeys && TryRead(jwk) is { } key)
                    keys.Add(key);
            }

            return null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return "is neither PEM nor JSON";
        }
    }

    private static TrustedKey? TryRead(JsonElement jwk)
    {
        var isForSignatures = CompactJws.Text(jwk, "use") is null or "sig" && CompactJws.Text(jwk, "alg") is null or "ES256"
            && (!jwk.TryGetProperty("key_ops", out var operations) || (operations.ValueKind == JsonValueKind.Array && operations.EnumerateArray().Any(static operation => operation.ValueKind == JsonValueKind.String && operation.ValueEquals("verify"))));
        var key = new PublicJwk(CompactJws.Text(jwk, "kty") ?? "", CompactJws.Text(jwk, "crv") ?? "", CompactJws.Text(jwk, "x") ?? "", CompactJws.Text(jwk, "y") ?? "");
        using var imported = isForSignatures ? key.TryImport() : null;
        return imported is null || CompactJws.Text(jwk, "kid") is { Length: > MaxId } ? null : new(CompactJws.Text(jwk, "kid"), key);
    }
}
