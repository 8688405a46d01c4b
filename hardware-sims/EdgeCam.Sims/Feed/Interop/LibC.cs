using System.Runtime.InteropServices;

namespace EdgeCam.Sims.Feed.Interop;

/// <summary>What a video device takes (linux/videodev2.h); numbers and layouts are those of 64-bit Linux.</summary>
internal static unsafe partial class LibC
{
    public const int ReadWrite = 2; // O_RDWR
    public const int CloseOnExec = 0x80000; // O_CLOEXEC
    public const int Interrupted = 4; // EINTR
    public const int Busy = 16; // EBUSY
    public const int NoSuchDevice = 19; // ENODEV
    public const int NotTerminal = 25; // ENOTTY: no video device at all

    public const nuint SetFormat = 0xC0D05605; // VIDIOC_S_FMT
    public const nuint SetParameters = 0xC0CC5616; // VIDIOC_S_PARM
    public const uint VideoOutput = 2; // V4L2_BUF_TYPE_VIDEO_OUTPUT
    public const uint H264 = 0x34363248; // V4L2_PIX_FMT_H264, 'H264'
    public const uint Progressive = 1; // V4L2_FIELD_NONE

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nuint count);

    // The third argument is variadic in C; on x86-64 and ARM64 Linux an integer or pointer goes into the same register either way.
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int descriptor, nuint request, void* argument);

    /// <summary>struct v4l2_format with its pix member.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 208)]
    public struct Format
    {
        [FieldOffset(0)]
        public uint Kind;
        [FieldOffset(8)]
        public uint Width;
        [FieldOffset(12)]
        public uint Height;
        [FieldOffset(16)]
        public uint PixelFormat;
        [FieldOffset(20)]
        public uint Field;
        [FieldOffset(28)]
        public uint ImageSize;
    }

    /// <summary>struct v4l2_streamparm with its output member.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 204)]
    public struct Parameters
    {
        [FieldOffset(0)]
        public uint Kind;
        [FieldOffset(4)]
        public uint Capability;
        [FieldOffset(12)]
        public uint Numerator;
        [FieldOffset(16)]
        public uint Denominator;
    }
}
