using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Diagnostics.Interop;

/// <summary>What the kernel knows of the wall clock's discipline (adjtimex(2)). Only read: setting it is not ours.</summary>
internal static partial class KernelClock
{
    private const int Size = 256; // struct timex has 208 bytes on 64-bit Linux
    private const int StatusOffset = 40; // after modes (4, padded to 8), offset, freq, maxerror and esterror (8 each)
    private const int Unsynchronized = 0x40; // STA_UNSYNC

    /// <returns>Null where the call is not allowed, as under systemd's ProtectClock=, or the process has another layout.</returns>
    public static bool? IsSynchronized()
    {
        if (!Environment.Is64BitProcess)
            return null;
        Span<byte> timex = stackalloc byte[Size];
        timex.Clear(); // modes 0: nothing is changed
        return Adjtimex(ref MemoryMarshal.GetReference(timex)) < 0
            ? null
            : (BinaryPrimitives.ReadInt32LittleEndian(timex[StatusOffset..]) & Unsynchronized) == 0;
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static partial int Adjtimex(ref byte timex);
}
