using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Cameras.V4l2.Interop;

/// <summary>
/// The structures of linux/videodev2.h that cross the border, by offset and size. They are the same on x86-64 and arm64, both of which have
/// 64-bit long and struct timeval; a 32-bit kernel has others, and the agent is not built for one. Fields that are not used are left out.
/// </summary>
internal static unsafe class KernelStructures
{
    [StructLayout(LayoutKind.Explicit, Size = 104)]
    public struct Capability // v4l2_capability
    {
        [FieldOffset(0)]
        public fixed byte Driver[16];
        [FieldOffset(16)]
        public fixed byte Card[32];
        [FieldOffset(84)]
        public uint OfDevice;
        [FieldOffset(88)]
        public uint OfNode;
    }

    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct FormatDescription // v4l2_fmtdesc
    {
        [FieldOffset(0)]
        public uint Index;
        [FieldOffset(4)]
        public uint Type;
        [FieldOffset(12)]
        public fixed byte Description[32];
        [FieldOffset(44)]
        public uint PixelFormat;
    }

    /// <summary>The union in it begins at 8: it holds pointers for overlays.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 208)]
    public struct Format // v4l2_format with v4l2_pix_format
    {
        [FieldOffset(0)]
        public uint Type;
        [FieldOffset(8)]
        public uint Width;
        [FieldOffset(12)]
        public uint Height;
        [FieldOffset(16)]
        public uint PixelFormat;
        [FieldOffset(20)]
        public uint Field;
        [FieldOffset(24)]
        public uint BytesPerLine;
        [FieldOffset(28)]
        public uint SizeImage;
        [FieldOffset(32)]
        public uint ColorSpace;
        [FieldOffset(36)]
        public uint Private;
        [FieldOffset(44)]
        public uint Encoding;
        [FieldOffset(48)]
        public uint Quantization;
    }

    /// <summary>Of each plane in it 5 words are told, the first two of which count: bytes of the picture, and of a row.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 208)]
    public struct PlanarFormat // v4l2_format with v4l2_pix_format_mplane
    {
        public const int WordsOfPlane = 5;

        [FieldOffset(0)]
        public uint Type;
        [FieldOffset(8)]
        public uint Width;
        [FieldOffset(12)]
        public uint Height;
        [FieldOffset(16)]
        public uint PixelFormat;
        [FieldOffset(20)]
        public uint Field;
        [FieldOffset(24)]
        public uint ColorSpace;
        [FieldOffset(28)]
        public fixed uint Planes[8 * WordsOfPlane];
        [FieldOffset(188)]
        public byte PlaneCount;
        [FieldOffset(190)]
        public byte Encoding;
        [FieldOffset(191)]
        public byte Quantization;
    }

    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct Plane // v4l2_plane
    {
        [FieldOffset(0)]
        public uint BytesUsed;
        [FieldOffset(4)]
        public uint Length;
        [FieldOffset(8)]
        public uint Offset; // in a union with a pointer
        [FieldOffset(16)]
        public uint DataOffset;
    }

    [StructLayout(LayoutKind.Explicit, Size = 44)]
    public struct FrameSize // v4l2_frmsizeenum
    {
        [FieldOffset(0)]
        public uint Index;
        [FieldOffset(4)]
        public uint PixelFormat;
        [FieldOffset(8)]
        public uint Type;
        [FieldOffset(12)]
        public uint MinWidth; // of a discrete one the width
        [FieldOffset(16)]
        public uint MaxWidth; // of a discrete one the height
        [FieldOffset(20)]
        public uint StepWidth;
        [FieldOffset(24)]
        public uint MinHeight;
        [FieldOffset(28)]
        public uint MaxHeight;
        [FieldOffset(32)]
        public uint StepHeight;
    }

    [StructLayout(LayoutKind.Explicit, Size = 52)]
    public struct FrameInterval // v4l2_frmivalenum
    {
        [FieldOffset(0)]
        public uint Index;
        [FieldOffset(4)]
        public uint PixelFormat;
        [FieldOffset(8)]
        public uint Width;
        [FieldOffset(12)]
        public uint Height;
        [FieldOffset(16)]
        public uint Type;
        [FieldOffset(20)]
        public uint ShortestNumerator; // of a discrete one, its own
        [FieldOffset(24)]
        public uint ShortestDenominator;
        [FieldOffset(28)]
        public uint LongestNumerator;
        [FieldOffset(32)]
        public uint LongestDenominator;
    }

    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct Selection // v4l2_selection
    {
        [FieldOffset(0)]
        public uint Type;
        [FieldOffset(4)]
        public uint Target;
        [FieldOffset(12)]
        public int Left;
        [FieldOffset(16)]
        public int Top;
        [FieldOffset(20)]
        public uint Width;
        [FieldOffset(24)]
        public uint Height;
    }

    [StructLayout(LayoutKind.Explicit, Size = 40)]
    public struct EncoderCommand // v4l2_encoder_cmd
    {
        [FieldOffset(0)]
        public uint Command;
    }

    [StructLayout(LayoutKind.Explicit, Size = 204)]
    public struct StreamParameters // v4l2_streamparm with v4l2_captureparm
    {
        [FieldOffset(0)]
        public uint Type;
        [FieldOffset(4)]
        public uint Capability;
        [FieldOffset(12)]
        public uint Numerator;
        [FieldOffset(16)]
        public uint Denominator;
    }

    [StructLayout(LayoutKind.Explicit, Size = 20)]
    public struct RequestBuffers // v4l2_requestbuffers
    {
        [FieldOffset(0)]
        public uint Count;
        [FieldOffset(4)]
        public uint Type;
        [FieldOffset(8)]
        public uint Memory;
    }

    [StructLayout(LayoutKind.Explicit, Size = 88)]
    public struct Buffer // v4l2_buffer
    {
        [FieldOffset(0)]
        public uint Index;
        [FieldOffset(4)]
        public uint Type;
        [FieldOffset(8)]
        public uint BytesUsed;
        [FieldOffset(12)]
        public uint Flags;
        [FieldOffset(24)]
        public long Seconds;
        [FieldOffset(32)]
        public long Microseconds;
        [FieldOffset(56)]
        public uint Sequence;
        [FieldOffset(60)]
        public uint Memory;
        [FieldOffset(64)]
        public uint Offset; // in a union with a pointer
        [FieldOffset(64)]
        public Plane* Planes; // multi-planar: Length counts them
        [FieldOffset(72)]
        public uint Length;
    }

    [StructLayout(LayoutKind.Explicit, Size = 68)]
    public struct QueryControl // v4l2_queryctrl
    {
        [FieldOffset(0)]
        public uint Id;
        [FieldOffset(4)]
        public uint Type;
        [FieldOffset(8)]
        public fixed byte Name[32];
        [FieldOffset(40)]
        public int Minimum;
        [FieldOffset(44)]
        public int Maximum;
        [FieldOffset(48)]
        public int Step;
        [FieldOffset(52)]
        public int Default;
        [FieldOffset(56)]
        public uint Flags;
    }

    [StructLayout(LayoutKind.Explicit, Size = 44)]
    public struct QueryMenu // v4l2_querymenu, which is packed
    {
        [FieldOffset(0)]
        public uint Id;
        [FieldOffset(4)]
        public uint Index;
        [FieldOffset(8)]
        public fixed byte Name[32]; // in a union with a number of 64 bits
    }

    [StructLayout(LayoutKind.Explicit, Size = 8)]
    public struct Control // v4l2_control
    {
        [FieldOffset(0)]
        public uint Id;
        [FieldOffset(4)]
        public int Value;
    }

    [StructLayout(LayoutKind.Explicit, Size = 32)]
    public struct EventSubscription // v4l2_event_subscription
    {
        [FieldOffset(0)]
        public uint Type;
    }

    /// <summary>136 bytes on 64-bit: its struct timespec is two longs.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 136)]
    public struct Event // v4l2_event
    {
        [FieldOffset(0)]
        public uint Type;
        [FieldOffset(72)]
        public uint Pending;
    }
}
