using System.ComponentModel.DataAnnotations;

namespace EdgeCam.Agent.Peers;

/// <summary>A TURN server, as configured: with user name and password, or with a secret that the server shares with the device.</summary>
/// <param name="Url"><c>turn:host:3478?transport=udp</c> or <c>tcp</c>, <c>turns:host:5349?transport=tcp</c>.</param>
/// <param name="PasswordFile">A file with the password of <paramref name="Username"/>, so that no secret stands in the configuration.</param>
/// <param name="SecretFile">A file with the shared secret (coturn: <c>static-auth-secret</c>), from which short-lived credentials are minted.</param>
/// <param name="GiveToViewers">Whether viewers are told user name and password. What is minted from a secret they always get.</param>
internal sealed record TurnServerOptions(
    [property: Required] string Url,
    string? Username = null,
    string? PasswordFile = null,
    string? SecretFile = null,
    bool GiveToViewers = false);
