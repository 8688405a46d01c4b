using EdgeCam.Agent.Security.Trust;

namespace EdgeCam.Agent.Security;

/// <summary>What somebody may do here, and for how long.</summary>
/// <param name="Name">Who, for people.</param>
/// <param name="Expires">Null: never.</param>
/// <param name="Holder">The thumbprint of the key that its holder proved to have; null where none was asked for.</param>
/// <param name="Origin">The token that it stands on; null where none was asked for.</param>
internal sealed record AccessGrant(string Name, AccessScope Scopes, Deadline? Expires = null, string? Holder = null, TokenOrigin? Origin = null)
{
    public static readonly AccessGrant Nothing = new("", AccessScope.None);

    /// <summary>Where access is open: everything, to everybody.</summary>
    public static AccessGrant Open(string name) => new(name, AccessScope.All);

    /// <summary>Who that is for the limits of one viewer: whoever holds the key, or has the token; null where neither was asked for.</summary>
    public string? Viewer => Holder is not null ? $"key {Holder}" : Origin is not null ? $"token {Origin.Issuer} {(Origin.Id.Length > 0 ? Origin.Id : Name)}" : null;

    /// <param name="needed">All of them.</param>
    public bool Allows(AccessScope needed) => (Scopes & needed) == needed;
}
