namespace EdgeCam.Agent.Http;

/// <summary>An ICE restart by PATCH (RFC 9725 §4.3.3): the player's new credentials, and candidates that it has already.</summary>
internal sealed record WhepRestart(string Session, string UsernameFragment, string Password, IReadOnlyList<string> Candidates);
