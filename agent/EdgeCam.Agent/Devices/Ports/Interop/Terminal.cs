using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Devices.Ports.Interop;

/// <summary>Opening a serial line, raw (termios(3)). Layouts and constants are those of Linux on x86-64 and arm64.</summary>
internal static unsafe partial class Terminal
{
    private const int OpenFlags = 0x2 | 0x100 | 0x800 | 0x80000; // O_RDWR, O_NOCTTY, O_NONBLOCK, O_CLOEXEC
    private const ulong Exclusive = 0x540C; // TIOCEXCL
    private const ulong Shared = 0x540D; // TIOCNXCL
    private const ulong OutputQueue = 0x5411; // TIOCOUTQ
    private const int LockAlone = 2 | 4; // LOCK_EX, LOCK_NB
    private const int OutputFlush = 1; // TCOFLUSH
    private const int BothFlush = 2; // TCIOFLUSH

    private const uint TwoStopBits = 0x40; // CSTOPB
    private const uint Receive = 0x80; // CREAD
    private const uint Parity = 0x100; // PARENB
    private const uint OddParity = 0x200; // PARODD
    private const uint HangUp = 0x400; // HUPCL
    private const uint Local = 0x800; // CLOCAL
    private const uint HardwareFlow = 0x80000000; // CRTSCTS

    private static readonly Dictionary<int, uint> s_speeds = new()
    {
        [1200] = 9, [2400] = 11, [4800] = 12, [9600] = 13, [19200] = 14, [38400] = 15, [57600] = 0x1001, [115200] = 0x1002, [230400] = 0x1003,
    };

    public static bool IsSpeed(int baud) => s_speeds.ContainsKey(baud);

    /// <returns>Null and errno where it cannot be opened, is no terminal (ENOTTY) or is held by somebody else (EBUSY).</returns>
    public static SafeFileHandle? Open(string path, int baud, char parity, int stopBits, out int error)
    {
        error = 0;
        var descriptor = NativeOpen(path, OpenFlags);
        if (descriptor < 0)
        {
            error = LibC.LastError;
            return null;
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        // TIOCEXCL keeps others out but not root, and comes too late for who is in already: the lock is what serial programs agree on.
        if (NativeLock(handle, LockAlone) != 0)
            error = LibC.LastError == LibC.Again ? LibC.Busy : LibC.LastError;
        else if (NativeControl(handle, Exclusive, null) != 0 || !Configure(handle, baud, parity, stopBits))
            error = LibC.LastError;
        if (error == 0)
            return handle;
        handle.Dispose();
        return null;
    }

    /// <summary>Lets others in again, before it is closed: where somebody else has the line open, what TIOCEXCL did would outlast us (tty_ioctl(4)).</summary>
    public static void Release(SafeHandle line) => _ = NativeControl(line, Shared, null);

    /// <summary>Bytes that the kernel has not sent yet.</summary>
    public static int Unsent(SafeHandle line)
    {
        int count;
        return NativeControl(line, OutputQueue, &count) == 0 ? count : 0;
    }

    /// <summary>Forgets what the kernel has not sent yet.</summary>
    public static void DiscardUnsent(SafeHandle line) => _ = NativeFlush(line, OutputFlush);

    private static bool Configure(SafeHandle line, int baud, char parity, int stopBits)
    {
        Settings settings;
        if (NativeGet(line, &settings) != 0)
            return false;
        NativeMakeRaw(&settings);
        settings.Control = (settings.Control & ~(TwoStopBits | Parity | OddParity | HangUp | HardwareFlow)) | Receive | Local;
        settings.Control |= stopBits == 2 ? TwoStopBits : 0;
        settings.Control |= parity switch { 'E' => Parity, 'O' => Parity | OddParity, _ => 0 };
        if (NativeSetSpeed(&settings, s_speeds[baud]) != 0 || NativeSet(line, 0, &settings) != 0)
            return false;
        _ = NativeFlush(line, BothFlush); // what others left behind
        return true;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpen(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int NativeLock(SafeHandle line, int operation);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int NativeControl(SafeHandle line, ulong request, void* argument);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    private static partial int NativeGet(SafeHandle line, Settings* settings);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    private static partial int NativeSet(SafeHandle line, int when, Settings* settings);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    private static partial void NativeMakeRaw(Settings* settings);

    [LibraryImport("libc", EntryPoint = "cfsetspeed", SetLastError = true)]
    private static partial int NativeSetSpeed(Settings* settings, uint speed);

    [LibraryImport("libc", EntryPoint = "tcflush", SetLastError = true)]
    private static partial int NativeFlush(SafeHandle line, int queue);

    /// <summary>struct termios of the C library.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Settings
    {
        public uint Input;
        public uint Output;
        public uint Control;
        public uint Terminal;
        public byte Discipline;
        public fixed byte Characters[32];
        public uint InputSpeed;
        public uint OutputSpeed;
    }
}
