using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;

namespace EdgeCam.Agent.Publishing;

/// <summary>One server that a camera is published to.</summary>
/// <param name="Name">What the output is called in status, log and metrics.</param>
/// <param name="Camera">Whose main stream, or substream while the network carries no more.</param>
/// <param name="To"><c>whip:https://host/path</c>, or <c>whip:http://…</c> on loopback; null where <paramref name="ToFile"/> says it.</param>
/// <param name="ToFile">A file with the same, for addresses that are a secret by themselves.</param>
/// <param name="BearerTokenFile">A file with the token (RFC 6750), read anew for each connection; null: none is sent.</param>
/// <param name="CaFile">Certificates (PEM) to trust in place of the system's.</param>
/// <param name="AllowPlaintext">http beyond loopback: token and session can be read and changed on the way.</param>
internal sealed record PublishOptions(
    [property: Required, Word("a-z0-9-", 32, ErrorMessage = "{0} must be 1 to 32 of a-z, 0-9 and '-'")] string Name,
    [property: Required] string Camera,
    string? To = null,
    string? ToFile = null,
    string? BearerTokenFile = null,
    string? CaFile = null,
    bool AllowPlaintext = false);
