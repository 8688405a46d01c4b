namespace EdgeCam.Agent.Security;

/// <summary>A live viewer.</summary>
/// <param name="Grant">What it may do now.</param>
/// <param name="Fingerprint">Of the certificate in its offer; empty where that had none.</param>
internal sealed record ViewerSession(AccessGrant Grant, string Fingerprint);
