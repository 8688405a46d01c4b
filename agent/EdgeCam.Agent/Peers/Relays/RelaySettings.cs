using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Peers.Relays;

/// <summary>The TURN servers as a loop needs them.</summary>
/// <param name="DeviceName">Whom minted user names name.</param>
/// <param name="CredentialLifetime">Of what is minted.</param>
internal sealed record RelaySettings(IReadOnlyList<TurnServer> Servers, string? CaFile, string DeviceName, TimeSpan CredentialLifetime)
{
    public static RelaySettings None { get; } = new([], null, "", TimeSpan.FromHours(1));
}
