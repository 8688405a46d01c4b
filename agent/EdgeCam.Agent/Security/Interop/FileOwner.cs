using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Security.Interop;

/// <summary>Whose a file is, which .NET does not tell.</summary>
internal static partial class FileOwner
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint MaskOwner = 8; // STATX_UID
    private const int OwnerOffset = 20; // struct statx is the same on all machines
    private const int Size = 256;

    /// <summary>Its user, or root's: who could do as our user all the same.</summary>
    public static bool IsOursOrRoots(string path)
    {
        var status = new byte[Size];
        if (Status(CurrentFolder, path, 0, MaskOwner, status) != 0)
            return false;
        var owner = BinaryPrimitives.ReadUInt32LittleEndian(status.AsSpan(OwnerOffset));
        return owner == 0 || owner == EffectiveUser();
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Status(int folder, string path, int flags, uint mask, [Out] byte[] status);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
