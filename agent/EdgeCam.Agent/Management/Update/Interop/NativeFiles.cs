using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Management.Update.Interop;

/// <summary>Files that are reached from an open folder and never through a link, and the renaming of a link itself: .NET has neither.</summary>
internal static partial class NativeFiles
{
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800; // a pipe is not waited for
    private const int CloseOnExec = 0x80000;
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH
    private const uint MaskType = 1; // STATX_TYPE
    private const int ModeOffset = 28; // struct statx is the same on all machines
    private const int StatusSize = 256;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;

    // O_DIRECTORY and O_NOFOLLOW have other values on ARM than on x86.
    private static readonly bool s_isArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm;
    private static readonly int s_folder = s_isArm ? 0x4000 : 0x10000;
    private static readonly int s_noLink = s_isArm ? 0x8000 : 0x20000;

    /// <returns>Null where it is none, or a link.</returns>
    public static SafeFileHandle? OpenFolder(SafeFileHandle? within, string name) => Open(within, name, s_folder);

    /// <returns>Null where there is none, or it is a link, a folder, a pipe or a device.</returns>
    public static SafeFileHandle? OpenFile(SafeFileHandle within, string name)
    {
        if (Open(within, name, NonBlocking) is not { } file)
            return null;
        var status = new byte[StatusSize];
        if (Status(file, "", EmptyPath, MaskType, status) == 0 && (BinaryPrimitives.ReadUInt16LittleEndian(status.AsSpan(ModeOffset)) & TypeMask) == RegularFile)
            return file;
        file.Dispose();
        return null;
    }

    /// <summary>Takes a file's name away, or a link's, if there is one.</summary>
    public static void Remove(SafeFileHandle within, string name) => _ = Unlink(within, name, 0);

    /// <summary>Puts a link, or whatever it is, in another's place in one step.</summary>
    /// <exception cref="IOException">It could not be.</exception>
    public static void Rename(string from, string to)
    {
        if (RenameEntry(from, to) != 0)
            throw new IOException($"{from} could not take the place of {to}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}", Marshal.GetLastPInvokeError());
    }

    private static SafeFileHandle? Open(SafeFileHandle? within, string name, int flags)
    {
        flags |= ReadOnly | CloseOnExec | s_noLink;
        var descriptor = within is null ? OpenAt(CurrentFolder, name, flags) : OpenAt(within, name, flags);
        return descriptor < 0 ? null : new((nint)descriptor, ownsHandle: true);
    }

    [LibraryImport("libc", EntryPoint = "openat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(SafeFileHandle folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "openat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(SafeFileHandle file, string path, int flags, uint mask, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "unlinkat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlink(SafeFileHandle folder, string path, int flags);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameEntry(string from, string to);
}
