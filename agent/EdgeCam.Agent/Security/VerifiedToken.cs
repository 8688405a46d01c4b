using EdgeCam.Agent.Security.Trust;

namespace EdgeCam.Agent.Security;

/// <summary>A token that is what it says.</summary>
/// <param name="Name">Whose it is, for people.</param>
/// <param name="Expires">Until when what it allows may go on, counted from its verification.</param>
/// <param name="Holder">The key that it is bound to (RFC 7800); null: whoever has it may use it.</param>
internal sealed record VerifiedToken(TokenOrigin Origin, string Name, AccessScope Scopes, Deadline Expires, PublicJwk? Holder)
{
    /// <summary>Its <c>jti</c>; empty where it has none.</summary>
    public string Id => Origin.Id;

    public AccessGrant ToGrant() => new(Name, Scopes, Expires, Holder?.Thumbprint(), Origin);
}
