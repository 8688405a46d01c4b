using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Cameras.Interop;

/// <summary>Waiting for and reading from a child's pipes on the camera's own thread, without a task or an allocation per read.</summary>
internal static unsafe partial class LibC
{
    private const short PollIn = 1;
    private const int SetPipeSize = 1031; // F_SETPIPE_SZ
    private const int Interrupted = 4; // EINTR

    /// <summary>Waits until one of two descriptors can be read or is at its end; a negative one is left out.</summary>
    public static (bool First, bool Second) Poll(int first, int second, int milliseconds)
    {
        var entries = stackalloc PollEntry[2];
        entries[0] = new() { Descriptor = first, Events = PollIn };
        entries[1] = new() { Descriptor = second, Events = PollIn };
        return NativePoll(entries, 2, milliseconds) <= 0 ? (false, false) : (entries[0].Returned != 0, entries[1].Returned != 0);
    }

    /// <returns>Bytes read; 0 at the end of the stream, also where reading failed.</returns>
    public static int Read(int descriptor, Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            fixed (byte* start = buffer)
                count = NativeRead(descriptor, start, (nuint)buffer.Length);
            if (count >= 0)
                return (int)count;
            if (Marshal.GetLastPInvokeError() != Interrupted)
                return 0;
        }
    }

    /// <summary>Makes a pipe large enough for a whole picture.</summary>
    public static bool TrySetPipeSize(int descriptor, int bytes) => Fcntl(descriptor, SetPipeSize, bytes) >= bytes;

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int NativePoll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint NativeRead(int descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int descriptor, int command, int argument);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
