namespace EdgeCam.Agent.Security;

/// <summary>What a token is to be.</summary>
/// <param name="Name">Whose, for people.</param>
/// <param name="IsBound">To a key made for it, which travels in the link; otherwise whoever has the token may use it.</param>
/// <param name="Audience">Devices, and groups as <c>group:NAME</c>; null: the issuer itself.</param>
internal sealed record TokenRequest(AccessScope Scopes, TimeSpan Lifetime, string? Name = null, bool IsBound = true, IReadOnlyList<string>? Audience = null);
