namespace EdgeCam.Agent.Security.Trust;

/// <summary>Where a token comes from: what it can be told by when it is revoked.</summary>
/// <param name="Key">The thumbprint of the key that signed it.</param>
/// <param name="KeyId">That key's <c>kid</c>; null where it has none.</param>
/// <param name="Id">Its <c>jti</c>; empty where it has none.</param>
/// <param name="IssuedAt">Its <c>iat</c>, in its absence its <c>nbf</c>; Unix seconds.</param>
internal sealed record TokenOrigin(string Issuer, string Key, string? KeyId, string Id, long IssuedAt);
