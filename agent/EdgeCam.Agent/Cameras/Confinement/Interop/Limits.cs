using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Cameras.Confinement.Interop;

/// <summary>Limits of resources, as far as the unit's filter lets them be set.</summary>
internal static partial class Limits
{
    private const int FileSize = 1, Data = 2, Core = 4, OpenFiles = 7; // RLIMIT_*, the same on x86-64 and arm64

    public static void Apply()
    {
        Set(Core, 0);
        Set(FileSize, 0);
        Set(OpenFiles, 128);
        Set(Data, 512L * 1024 * 1024);
    }

    private static void Set(int resource, long most)
    {
        var limit = new Limit { Current = (ulong)most, Maximum = (ulong)most };
        _ = SetLimit(resource, ref limit); // a refusal leaves the service's own
    }

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, ref Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Current;
        public ulong Maximum;
    }
}
