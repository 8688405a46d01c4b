using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Security.Interop;

/// <summary>A second name for a file, which fails where the name is taken, whoever takes it at the same moment: link(2). File.Move looks first and renames then.</summary>
internal static partial class FileLink
{
    /// <exception cref="IOException">It is taken, or cannot be given.</exception>
    public static void Create(string file, string name)
    {
        if (NativeLink(file, name) != 0)
            throw new IOException($"{name} cannot be made: error {Marshal.GetLastPInvokeError()}");
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeLink(string file, string name);
}
