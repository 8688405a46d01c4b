namespace EdgeCam.Agent.Security;

/// <summary>Whose a file is, by number.</summary>
internal sealed record FileKeeper(uint User, uint Group);
