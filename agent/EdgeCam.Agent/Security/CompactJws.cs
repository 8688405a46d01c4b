using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;

namespace EdgeCam.Agent.Security;

/// <summary>What the library leaves to its callers of a JWS in compact form (RFC 7515).</summary>
internal static class CompactJws
{
    /// <summary>Three parts of base64url (§7.1); the library would take five, too, for an encrypted one.</summary>
    public static bool IsWritten(string text) =>
        text.AsSpan().Count('.') == 2 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    /// <summary>The header names extensions that must be understood (§4.1.11); we have none.</summary>
    public static bool HasCritical(JsonWebToken token) => token.TryGetHeaderValue<JsonElement>("crit", out _);
}
