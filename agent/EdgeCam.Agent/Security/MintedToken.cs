namespace EdgeCam.Agent.Security;

/// <param name="Key">The private key that it is bound to: 32 bytes, base64url; null for a bearer token.</param>
internal sealed record MintedToken(string Token, string? Key, DateTimeOffset Expires)
{
    public override string ToString() => $"expires {Expires:O}"; // neither reaches a log by accident
}
