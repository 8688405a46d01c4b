using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Security.Interop;

/// <summary>prctl(2).</summary>
internal static partial class ProcessControl
{
    /// <returns>0, or -1 with the reason in the last error.</returns>
    public static int Set(int option, nuint first, nuint second = 0) => Prctl(option, first, second, 0, 0);

    // prctl is variadic; with integers both architectures pass those as they pass named arguments.
    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Prctl(int option, nuint first, nuint second, nuint third, nuint fourth);
}
