using System.Runtime.CompilerServices;

namespace EdgeCam.Agent.Cameras.V4l2.Interop;

/// <summary>Numbers of linux/videodev2.h.</summary>
internal static class KernelConstants
{
    public const uint VideoCapture = 1, VideoOutput = 2; // V4L2_BUF_TYPE_VIDEO_CAPTURE and OUTPUT
    public const uint VideoCaptureMultiPlanar = 9, VideoOutputMultiPlanar = 10;
    public const uint Discrete = 1; // V4L2_FRMSIZE_TYPE_DISCRETE, V4L2_FRMIVAL_TYPE_DISCRETE
    public const uint Crop = 0; // V4L2_SEL_TGT_CROP
    public const uint StopEncoding = 1; // V4L2_ENC_CMD_STOP
    public const uint NextControl = 0x8000_0000; // V4L2_CTRL_FLAG_NEXT_CTRL
    public const uint PrivateMagic = 0xFEED_CAFE; // V4L2_PIX_FMT_PRIV_MAGIC: the fields after it count
    public const uint MappedMemory = 1; // V4L2_MEMORY_MMAP
    public const uint HasNodeCapabilities = 0x8000_0000; // V4L2_CAP_DEVICE_CAPS
    public const uint TimePerFrame = 0x1000; // V4L2_CAP_TIMEPERFRAME
    public const uint EventEndOfStream = 2; // V4L2_EVENT_EOS
    public const uint EventSourceChange = 5; // V4L2_EVENT_SOURCE_CHANGE

    public const uint BufferDamaged = 0x40; // V4L2_BUF_FLAG_ERROR
    public const uint BufferIsKey = 0x8; // V4L2_BUF_FLAG_KEYFRAME
    public const uint BufferIsLast = 0x10_0000; // V4L2_BUF_FLAG_LAST
    public const uint TimestampMask = 0xE000; // V4L2_BUF_FLAG_TIMESTAMP_MASK
    public const uint TimestampMonotonic = 0x2000; // V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC

    /// <summary>V4L2_CTRL_FLAG_DISABLED, GRABBED, READ_ONLY and INACTIVE: it cannot be set, or to no effect.</summary>
    public const uint ControlLocked = 0x1 | 0x2 | 0x4 | 0x10;

    public static readonly uint QueryCapability = Read<KernelStructures.Capability>(0);
    public static readonly uint EnumerateFormats = ReadWrite<KernelStructures.FormatDescription>(2);
    public static readonly uint SetFormat = ReadWrite<KernelStructures.Format>(5);
    public static readonly uint RequestBuffers = ReadWrite<KernelStructures.RequestBuffers>(8);
    public static readonly uint QueryBuffer = ReadWrite<KernelStructures.Buffer>(9);
    public static readonly uint QueueBuffer = ReadWrite<KernelStructures.Buffer>(15);
    public static readonly uint DequeueBuffer = ReadWrite<KernelStructures.Buffer>(17);
    public static readonly uint StreamOn = Write<int>(18);
    public static readonly uint StreamOff = Write<int>(19);
    public static readonly uint GetParameters = ReadWrite<KernelStructures.StreamParameters>(21);
    public static readonly uint SetParameters = ReadWrite<KernelStructures.StreamParameters>(22);
    public static readonly uint GetControl = ReadWrite<KernelStructures.Control>(27);
    public static readonly uint SetControl = ReadWrite<KernelStructures.Control>(28);
    public static readonly uint QueryControl = ReadWrite<KernelStructures.QueryControl>(36);
    public static readonly uint QueryMenu = ReadWrite<KernelStructures.QueryMenu>(37);
    public static readonly uint EnumerateSizes = ReadWrite<KernelStructures.FrameSize>(74);
    public static readonly uint EnumerateIntervals = ReadWrite<KernelStructures.FrameInterval>(75);
    public static readonly uint CommandEncoder = ReadWrite<KernelStructures.EncoderCommand>(77);
    public static readonly uint SetSelection = ReadWrite<KernelStructures.Selection>(95);
    public static readonly uint DequeueEvent = Read<KernelStructures.Event>(89);
    public static readonly uint SubscribeEvent = Write<KernelStructures.EventSubscription>(90);

    // asm-generic/ioctl.h, which x86-64 and arm64 both use: number, type 'V', size, direction.
    private static uint Write<T>(uint number) => Request<T>(1, number);

    private static uint Read<T>(uint number) => Request<T>(2, number);

    private static uint ReadWrite<T>(uint number) => Request<T>(3, number);

    private static uint Request<T>(uint direction, uint number) => (direction << 30) | ((uint)Unsafe.SizeOf<T>() << 16) | ((uint)'V' << 8) | number;
}
