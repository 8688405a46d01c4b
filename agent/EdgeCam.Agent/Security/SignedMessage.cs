using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EdgeCam.Agent.Security;

/// <summary>
/// What the holder of a token has signed: a JWS (RFC 7515, ES256) whose payload is <c>{"token", "aud", "iat", "jti", …}</c>. Who is meant, and
/// of which time it has to be, differs with what it carries.
/// </summary>
/// <param name="Holder">The thumbprint of the key that signed it.</param>
/// <param name="Id">Its <c>jti</c>.</param>
/// <param name="IssuedAt">Its <c>iat</c>, Unix seconds.</param>
internal sealed record SignedMessage(JsonElement Payload, VerifiedToken Token, string Holder, string Id, long IssuedAt)
{
    private const int MinId = 8;
    private const int MaxId = 128;
    private const int MaxDepth = 20;

    /// <summary>The message, its signature and its token found good; or why it is refused.</summary>
    public static (SignedMessage? Message, AccessRefusal Refusal) Open(string text, AccessPolicy policy)
    {
        if (text.Length > CompactJws.MaxLength)
            return (null, AccessRefusal.Oversized);
        if (CompactJws.TryRead(text, MaxDepth) is not var (message, payload))
            return (null, AccessRefusal.Malformed);
        if (message.Alg != SecurityAlgorithms.EcdsaSha256)
            return (null, AccessRefusal.WrongAlgorithm);

        var (token, refusal) = policy.Verify(CompactJws.Text(payload, "token"));
        if (token is null)
            return (null, refusal);
        if (token.Holder is not { } holder)
            return (null, AccessRefusal.NotBound);
        if (!IsSigned(message, holder))
            return (null, AccessRefusal.WrongProof);
        return CompactJws.Text(payload, "jti") is { Length: >= MinId and <= MaxId } id && Seconds(payload, "iat") is { } issued
            ? (new(payload, token, holder.Thumbprint(), id, issued), AccessRefusal.None)
            : (null, AccessRefusal.MalformedRequest);
    }

    /// <summary>A member that is a time in whole Unix seconds; null where it is not.</summary>
    public static long? Seconds(JsonElement payload, string name) =>
        payload.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds) ? seconds : null;

    private static bool IsSigned(JsonWebToken message, PublicJwk holder)
    {
        using var key = holder.TryImport();
        return key is not null && CompactJws.IsSigned(message, key);
    }
}
