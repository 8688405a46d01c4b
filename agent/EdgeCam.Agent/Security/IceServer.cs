namespace EdgeCam.Agent.Security;

/// <summary>STUN or TURN servers of one credential, as a browser takes them (RTCIceServer).</summary>
internal sealed record IceServer(IReadOnlyList<string> Urls, string? Username = null, string? Credential = null)
{
    public override string ToString() => string.Join(' ', Urls); // the credential stays out of logs
}
