using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Security.Interop;

/// <summary>Which folder lies behind a path: another one where a disk was mounted over it or taken away, or where it was made anew (statx(2): stx_dev, stx_ino).</summary>
internal readonly partial record struct FolderIdentity(uint Major, uint Minor, ulong Inode)
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint MaskInode = 0x100; // STATX_INO
    private const int InodeOffset = 32; // struct statx is the same on all machines
    private const int MajorOffset = 136;
    private const int MinorOffset = 140;
    private const int Size = 256;

    /// <returns>Null where there is no folder, or it cannot be asked.</returns>
    public static FolderIdentity? Of(string path)
    {
        if (!Directory.Exists(path))
            return null;
        var status = new byte[Size];
        if (Status(CurrentFolder, path, 0, MaskInode, status) != 0)
            return null;
        return new(
            BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(MajorOffset)), BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(MinorOffset)),
            BinaryPrimitives.ReadUInt64LittleEndian(status.AsSpan(InodeOffset)));
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, [Out] byte[] status);
}
