namespace EdgeCam.Agent.Security;

/// <summary>What a TURN server asks for.</summary>
/// <param name="ExpiresAt">Null for a password that stands for good.</param>
internal sealed record TurnCredential(string Username, string Password, DateTimeOffset? ExpiresAt)
{
    public override string ToString() => Username; // the password stays out of logs
}
