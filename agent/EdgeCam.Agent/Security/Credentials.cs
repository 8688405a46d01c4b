namespace EdgeCam.Agent.Security;

/// <summary>What a viewer presents.</summary>
/// <param name="Nonce">16 random bytes or more, base64url.</param>
/// <param name="Time">Unix seconds, by the viewer's clock.</param>
/// <param name="Proof">ES256 by the key that the token is bound to: 64 bytes, base64url.</param>
internal sealed record Credentials(string? Token, string? Nonce = null, long? Time = null, string? Proof = null)
{
    public static readonly Credentials None = new(Token: null);

    public override string ToString() => Token is null ? "no token" : Proof is null ? "a token" : "a token and a proof"; // neither reaches a log
}
