using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Cameras.Confinement.Interop;

/// <summary>What a process gives up for good, and the program that it becomes. All calls must come from one thread: the rights are a thread's.</summary>
internal static unsafe partial class Privileges
{
    private const int NoNewPrivileges = 38; // PR_SET_NO_NEW_PRIVS

    /// <returns>Null, or what failed.</returns>
    public static string? Renounce() => Prctl(NoNewPrivileges, 1, 0, 0, 0) == 0 ? null : Describe("PR_SET_NO_NEW_PRIVS");

    /// <summary>Becomes the program, with an environment of two words.</summary>
    /// <returns>What failed; not at all where nothing did.</returns>
    public static string Become(string[] command)
    {
        var arguments = Strings(command);
        var environment = Strings(["PATH=/usr/bin:/bin", "LANG=C.UTF-8"]);
        Execute(command[0], arguments, environment);
        return Describe(command[0]);
    }

    public static string Describe(string call) => $"{call} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}";

    private static byte** Strings(string[] texts)
    {
        var list = (byte**)NativeMemory.AllocZeroed((nuint)(texts.Length + 1), (nuint)sizeof(byte*)); // for the program: never freed
        for (var i = 0; i < texts.Length; i++)
            list[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
        return list;
    }

    [LibraryImport("libc", EntryPoint = "execve", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, byte** arguments, byte** environment);

    // prctl is variadic; with integers both architectures pass those as they pass named arguments.
    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint first, nuint second, nuint third, nuint fourth);
}
