using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Security.Interop;

/// <summary>Whose a file is, which .NET neither tells nor changes.</summary>
internal static partial class FileOwner
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint MaskOwner = 8; // STATX_UID
    private const int OwnerOffset = 20; // struct statx is the same on all machines
    private const int Size = 256;

    /// <summary>Its user, or root's: who could do as our user all the same.</summary>
    public static bool IsOursOrRoots(string path) => Of(path) is { } owner && (owner == 0 || owner == EffectiveUser());

    /// <summary>Its user's number; null where that cannot be known.</summary>
    public static uint? Of(string path)
    {
        var status = new byte[Size];
        return Status(CurrentFolder, path, 0, MaskOwner, status) == 0 ? BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(OwnerOffset)) : null;
    }

    /// <summary>Gives a file to another user, which root alone may.</summary>
    /// <exception cref="UnauthorizedAccessException">It was not possible.</exception>
    public static void Give(SafeFileHandle file, FileKeeper owner) => Check(Change(file, owner.User, owner.Group));

    /// <summary>The same of a folder; of a link, what it leads to.</summary>
    /// <exception cref="UnauthorizedAccessException">It was not possible.</exception>
    public static void Give(string path, FileKeeper owner) => Check(Change(path, owner.User, owner.Group));

    private static void Check(int result)
    {
        if (result != 0)
            throw new UnauthorizedAccessException($"the owner cannot be set: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static partial int Change(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Change(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
