using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Security.Interop;

/// <summary>Brings a folder's entries to the disk: a file that was renamed is there after a power cut only then, and .NET opens no folders.</summary>
internal static partial class FolderSync
{
    private const int ReadOnly = 0;
    private const int CloseOnExec = 0x80000;

    public static void Flush(string folder)
    {
        var descriptor = Open(folder, ReadOnly | CloseOnExec);
        if (descriptor < 0)
            return; // a file system without that is as good as it gets
        _ = Sync(descriptor);
        _ = Close(descriptor);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
