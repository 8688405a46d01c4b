namespace EdgeCam.Agent.Security;

/// <param name="Id">Its <c>jti</c>, by which it is revoked.</param>
/// <param name="Key">The private key that it is bound to: 32 bytes, base64url; null for a bearer token.</param>
internal sealed record MintedToken(string Token, string Id, string? Key, DateTimeOffset Expires)
{
    public override string ToString() => $"expires {Expires:O}"; // neither reaches a log by accident
}
