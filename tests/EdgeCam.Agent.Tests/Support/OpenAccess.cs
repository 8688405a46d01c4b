using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>For tests of something else than access.</summary>
internal static class OpenAccess
{
    public static SecurityOptions Options { get; } = new(Access: "open");

    public static AccessPolicy Policy(string device)
    {
        using var keys = DeviceKeys.CreateForThisRun();
        return new(AccessMode.Open, device, keys.Signing, TimeProvider.System);
    }
}
