using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Cameras.Confinement.Interop;

/// <summary>What a process gives up for good. All calls of this folder must come from one thread: the rights are a thread's.</summary>
internal static partial class Privileges
{
    private const int NoNewPrivileges = 38; // PR_SET_NO_NEW_PRIVS

    /// <returns>Null, or what failed.</returns>
    public static string? Renounce() => Prctl(NoNewPrivileges, 1, 0, 0, 0) == 0 ? null : Describe("PR_SET_NO_NEW_PRIVS");

    public static string Describe(string call) => $"{call} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";

    // prctl is variadic; with integers both architectures pass those as they pass named arguments.
    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint first, nuint second, nuint third, nuint fourth);
}
