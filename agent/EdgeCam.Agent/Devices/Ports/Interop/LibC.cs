using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Devices.Ports.Interop;

/// <summary>Descriptors that may be waited for together, without a task or an allocation per turn.</summary>
internal static unsafe partial class LibC
{
    public const int NoEntry = 2; // ENOENT
    public const int InputOutput = 5; // EIO
    public const int NoAddress = 6; // ENXIO
    public const int Again = 11; // EAGAIN
    public const int NoAccess = 13; // EACCES
    public const int Busy = 16; // EBUSY
    public const int NoDevice = 19; // ENODEV
    public const int NotTerminal = 25; // ENOTTY

    private const int Interrupted = 4; // EINTR
    private const short PollIn = 1;
    private const short PollOut = 4;
    private const int NonBlocking = 0x800; // EFD_NONBLOCK
    private const int CloseOnExec = 0x80000; // EFD_CLOEXEC
    private const int ReadAccess = 4; // R_OK
    private const int WriteAccess = 2; // W_OK
    private const long CloseRange = 436; // the number of close_range(2), the same on every architecture
    private const uint CloseRangeOnExec = 4; // CLOSE_RANGE_CLOEXEC

    public static int LastError => Marshal.GetLastPInvokeError();

    /// <summary>What errno means, in the system's words.</summary>
    public static string Text(int error) => Marshal.GetPInvokeErrorMessage(error);

    /// <summary>Waits until the first can be read (or written, if so wanted) or the second can be read; a null is left out.</summary>
    /// <param name="milliseconds">−1 waits for ever.</param>
    public static (bool First, bool Second) Poll(SafeHandle? first, SafeHandle? second, int milliseconds, bool isWrite = false)
    {
        var entries = stackalloc PollEntry[2];
        entries[0] = new() { Descriptor = Number(first), Events = isWrite ? PollOut : PollIn };
        entries[1] = new() { Descriptor = Number(second), Events = PollIn };
        return NativePoll(entries, 2, milliseconds) <= 0 ? (false, false) : (entries[0].Returned != 0, entries[1].Returned != 0);
    }

    /// <returns>Bytes read; 0 at the end of the stream; −1 where it failed, see <see cref="LastError"/>.</returns>
    public static int Read(SafeHandle descriptor, Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            fixed (byte* start = buffer)
                count = NativeRead(descriptor, start, (nuint)buffer.Length);
            if (count >= 0 || LastError != Interrupted)
                return (int)count;
        }
    }

    /// <returns>Bytes written, which may be fewer; −1 where it failed.</returns>
    public static int Write(SafeHandle descriptor, ReadOnlySpan<byte> data)
    {
        while (true)
        {
            nint count;
            fixed (byte* start = data)
                count = NativeWrite(descriptor, start, (nuint)data.Length);
            if (count >= 0 || LastError != Interrupted)
                return (int)count;
        }
    }

    /// <summary>An eventfd(2) that is not set.</summary>
    public static SafeFileHandle CreateEvent()
    {
        var descriptor = NativeEventFd(0, NonBlocking | CloseOnExec);
        return descriptor >= 0
            ? new(descriptor, ownsHandle: true)
            : throw new IOException($"eventfd failed: {Text(LastError)}; raise the limit of open files (ulimit -n)");
    }

    /// <returns>0, or errno.</returns>
    public static int CheckAccess(string path) => NativeAccess(path, ReadAccess | WriteAccess) == 0 ? 0 : LastError;

    /// <summary>Nanoseconds of CLOCK_MONOTONIC, which is the clock of the kernel's edge events.</summary>
    public static long MonotonicNanoseconds() => System.Diagnostics.Stopwatch.GetTimestamp(); // .NET on Linux: that clock, in these units

    /// <summary>What this process has open and gives to no child: also what a library forgot to mark (Linux 5.11; older ones leave it).</summary>
    public static void KeepDescriptors() => _ = NativeSystemCall(CloseRange, 3, uint.MaxValue, CloseRangeOnExec);

    /// <summary>A little more often on the processor than others, where this process may.</summary>
    public static void RaisePriority() => _ = NativeSetPriority(0, 0, -5);

    private static int Number(SafeHandle? handle) => handle is null || handle.IsClosed ? -1 : (int)handle.DangerousGetHandle();

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int NativePoll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint NativeRead(SafeHandle descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint NativeWrite(SafeHandle descriptor, byte* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int NativeEventFd(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeAccess(string path, int mode);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint NativeSystemCall(long number, uint first, uint last, uint flags);

    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int NativeSetPriority(int which, uint who, int priority);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
