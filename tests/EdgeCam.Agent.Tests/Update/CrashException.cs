namespace EdgeCam.Agent.Tests.Update;

/// <summary>The power goes.</summary>
internal sealed class CrashException : Exception;
