using System.Runtime.InteropServices;

namespace EdgeCam.Sims.Camera.Interop;

/// <summary>Plain writing to a file descriptor.</summary>
internal static unsafe partial class LibC
{
    private const int Interrupted = 4; // EINTR

    /// <summary>Writes all bytes, in one system call as long as the reader keeps up.</summary>
    /// <returns>False when nobody reads any more. Console's stream would hide that, and a camera whose agent is gone must end.</returns>
    public static bool TryWriteAll(int descriptor, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            nint written;
            fixed (byte* start = bytes)
                written = Write(descriptor, start, (nuint)bytes.Length);
            if (written < 0 && Marshal.GetLastPInvokeError() == Interrupted)
                continue;
            if (written <= 0)
                return false;
            bytes = bytes[(int)written..];
        }

        return true;
    }

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, byte* buffer, nuint count);
}
