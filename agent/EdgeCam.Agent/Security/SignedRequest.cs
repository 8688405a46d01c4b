using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace EdgeCam.Agent.Security;

/// <summary>
/// A request as the holder of a token signs it: a JWS (RFC 7515) whose payload is <c>{"token", "aud", "iat", "jti", "request"}</c>. Whoever
/// carries it can neither change it nor use it a second time.
/// </summary>
internal sealed class SignedRequest(AccessPolicy policy, string device, TimeProvider time)
{
    private const int Remembered = 20_000; // a quarter for each holder: 16 requests a second without end
    private const int MinId = 8;
    private const int MaxId = 128;
    private const int MaxDepth = 20;

    private readonly ReplayWindow _replays = new(time, Remembered, share: 4);

    /// <summary>The request within and what its sender may do, or why it is refused.</summary>
    public (JsonElement Request, AccessGrant? Grant, AccessRefusal Refusal) Open(string text)
    {
        if (text.Length > CompactJws.MaxLength)
            return Refuse(AccessRefusal.Oversized);
        if (CompactJws.TryRead(text, MaxDepth) is not var (message, payload))
            return Refuse(AccessRefusal.Malformed);
        if (message.Alg != SecurityAlgorithms.EcdsaSha256)
            return Refuse(AccessRefusal.WrongAlgorithm);

        var (token, refusal) = policy.Verify(CompactJws.Text(payload, "token"));
        if (token is null)
            return Refuse(refusal);
        if (token.Holder is not { } holder)
            return Refuse(AccessRefusal.NotBound);
        if (!IsSigned(message, holder))
            return Refuse(AccessRefusal.WrongProof);
        if (CompactJws.Text(payload, "aud") != device)
            return Refuse(AccessRefusal.WrongAudience);
        if (CompactJws.Text(payload, "jti") is not { Length: >= MinId and <= MaxId } id || !payload.TryGetProperty("request", out var request))
            return Refuse(AccessRefusal.MalformedProof);
        if (!payload.TryGetProperty("iat", out var issued) || issued.ValueKind != JsonValueKind.Number || !issued.TryGetInt64(out var seconds)
            || !HolderProof.IsOfNow(seconds, time.GetUtcNow()))
            return Refuse(AccessRefusal.StaleProof);

        refusal = _replays.Take(holder.Thumbprint(), $"{holder.Thumbprint()} {id}");
        return refusal == AccessRefusal.None ? (request, token.ToGrant(), refusal) : Refuse(refusal);
    }

    private static (JsonElement, AccessGrant?, AccessRefusal) Refuse(AccessRefusal refusal) => (default, null, refusal);

    private static bool IsSigned(JsonWebToken message, PublicJwk holder)
    {
        using var key = holder.TryImport();
        return key is not null && CompactJws.IsSigned(message, key);
    }
}
