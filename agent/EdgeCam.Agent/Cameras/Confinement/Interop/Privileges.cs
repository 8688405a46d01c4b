using System.Runtime.InteropServices;
using EdgeCam.Agent.Security.Interop;

namespace EdgeCam.Agent.Cameras.Confinement.Interop;

/// <summary>What a process gives up for good. All calls of this folder must come from one thread: the rights are a thread's.</summary>
internal static class Privileges
{
    private const int NoNewPrivileges = 38; // PR_SET_NO_NEW_PRIVS

    /// <returns>Null, or what failed.</returns>
    public static string? Renounce() => ProcessControl.Set(NoNewPrivileges, 1) == 0 ? null : Describe("PR_SET_NO_NEW_PRIVS");

    public static string Describe(string call) => $"{call} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";
}
