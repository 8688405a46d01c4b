using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EdgeCam.Agent.Security;

/// <summary>A JWS in compact form (RFC 7515) with a JSON object in it, signed with ES256; with what the library leaves to its callers.</summary>
internal static class CompactJws
{
    /// <summary>As large as a message may be; who takes less looks before.</summary>
    public const int MaxLength = 64 * 1024;

    private static readonly JsonWebTokenHandler s_handler = new() { MaximumTokenSizeInBytes = MaxLength };

    /// <summary>Its parts, nothing of which is checked yet; null where it is none, or damaged.</summary>
    /// <param name="maxDepth">Of the object. It has each member once (RFC 8725 §2.4).</param>
    public static (JsonWebToken Message, JsonElement Payload)? TryRead(string text, int maxDepth)
    {
        if (!IsWritten(text))
            return null;
        try
        {
            var message = new JsonWebToken(text);
            var payload = JsonElement.Parse(Base64Url.DecodeFromChars(message.EncodedPayload), new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = maxDepth });
            return payload.ValueKind == JsonValueKind.Object && !HasCritical(message) ? (message, payload) : null;
        }
        catch (Exception malformed) when (malformed is ArgumentException or FormatException or JsonException or InvalidOperationException or SecurityTokenException)
        {
            return null;
        }
    }

    public static bool IsSigned(JsonWebToken message, ECDsa key)
    {
        var validating = s_handler.ValidateTokenAsync(message, new TokenValidationParameters
        {
            IssuerSigningKey = new ECDsaSecurityKey(key) { CryptoProviderFactory = new() { CacheSignatureProviders = false } }, // the cache would outlive the key
            TryAllIssuerSigningKeys = true, // kid need not be there
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            RequireSignedTokens = true,
            // The claims are looked at elsewhere, each with its own reason.
            ValidateIssuer = false,
            ValidateAudience = false,
            ValidateLifetime = false,
        });
        return validating.GetAwaiter().GetResult().IsValid; // done at once: nothing is fetched
    }

    /// <summary>A member that is text; null where it is not.</summary>
    public static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Three parts of base64url (§7.1); the library would take five, too, for an encrypted one.</summary>
    private static bool IsWritten(string text) =>
        text.AsSpan().Count('.') == 2 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    /// <summary>The header names extensions that must be understood (§4.1.11); we have none.</summary>
    private static bool HasCritical(JsonWebToken token) => token.TryGetHeaderValue<JsonElement>("crit", out _);
}
