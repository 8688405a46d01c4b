using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Cameras.V4l2.Interop;

/// <summary>The system calls for a device node. Flags and error numbers are those of x86-64 and arm64.</summary>
internal static unsafe partial class LibC
{
    private const int ReadWrite = 2; // O_RDWR
    private const int NonBlocking = 0x800; // O_NONBLOCK
    private const int CloseOnExec = 0x80000; // O_CLOEXEC
    private const int Readable = 1, Writable = 2; // PROT_READ, PROT_WRITE
    private const int Shared = 1; // MAP_SHARED
    private const int Interrupted = 4; // EINTR
    private const short PollIn = 1;
    private const short PollPriority = 2;
    private const short PollOut = 4;
    private const short PollFaults = 8 | 16 | 32; // POLLERR, POLLHUP, POLLNVAL

    /// <exception cref="V4l2Exception">It cannot be opened.</exception>
    public static SafeFileHandle Open(string path)
    {
        while (true)
        {
            var descriptor = NativeOpen(path, ReadWrite | NonBlocking | CloseOnExec);
            if (descriptor >= 0)
                return new(descriptor, ownsHandle: true);
            if (Marshal.GetLastPInvokeError() is not Interrupted and var error)
                throw new V4l2Exception(V4l2Calls.Open, error);
        }
    }

    /// <returns>0, or errno.</returns>
    public static int Control<T>(SafeFileHandle node, uint request, ref T argument)
        where T : unmanaged
    {
        while (true)
        {
            int result;
            fixed (T* pointer = &argument)
                result = NativeControl(node, request, pointer);
            if (result >= 0)
                return 0;
            if (Marshal.GetLastPInvokeError() is not Interrupted and var error)
                return error;
        }
    }

    /// <param name="forRoom">Ends when a buffer can be written, too (POLLOUT).</param>
    public static V4l2Signals Poll(SafeFileHandle node, int milliseconds, bool forRoom = false)
    {
        var entry = new PollEntry { Descriptor = (int)node.DangerousGetHandle(), Events = (short)(PollIn | PollPriority | (forRoom ? PollOut : 0)) };
        if (NativePoll(&entry, 1, milliseconds) <= 0)
            return V4l2Signals.None; // the time is over, or a signal came
        return ((entry.Returned & PollIn) != 0 ? V4l2Signals.Picture : V4l2Signals.None)
            | ((entry.Returned & PollPriority) != 0 ? V4l2Signals.Event : V4l2Signals.None)
            | ((entry.Returned & PollOut) != 0 ? V4l2Signals.Room : V4l2Signals.None)
            | ((entry.Returned & PollFaults) != 0 ? V4l2Signals.Fault : V4l2Signals.None);
    }

    /// <exception cref="V4l2Exception">It cannot be mapped.</exception>
    public static nint Map(SafeFileHandle node, uint length, uint offset, bool isWritten)
    {
        var address = NativeMap(0, length, Readable | (isWritten ? Writable : 0), Shared, node, offset);
        return address != -1 ? address : throw new V4l2Exception(V4l2Calls.Map, Marshal.GetLastPInvokeError());
    }

    public static void Unmap(nint address, uint length) => _ = NativeUnmap(address, length);

    // open and ioctl are variadic; with integers and pointers both architectures pass those as they pass named arguments.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpen(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int NativeControl(SafeFileHandle node, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int NativePoll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint NativeMap(nint address, nuint length, int protection, int flags, SafeFileHandle node, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int NativeUnmap(nint address, nuint length);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
