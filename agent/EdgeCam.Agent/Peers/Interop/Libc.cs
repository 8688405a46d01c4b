using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Peers.Interop;

/// <summary>The system calls of the media port, with the 64-bit Linux layouts of their structures (same on x86-64 and arm64).</summary>
internal static unsafe partial class Libc
{
    public const int Again = 11;
    public const int Interrupted = 4;
    public const int InputOutputError = 5;
    public const int InvalidArgument = 22;
    public const int NoBuffers = 105;

    public const int DontWait = 0x40; // MSG_DONTWAIT
    public const short PollIn = 1;
    public const short PollOut = 4;

    public const int SolSocket = 1;
    public const int ReuseAddress = 2;
    public const int ReusePort = 15;
    public const int SolIp = 0;
    public const int SolIpv6 = 41;
    public const int SolUdp = 17;
    public const int IpPktInfo = 8;
    public const int Ipv6RecvPktInfo = 49;
    public const int Ipv6PktInfo = 50;
    public const int UdpSegment = 103; // linux/udp.h

    private const string Library = "libc";

    [LibraryImport(Library, SetLastError = true)]
    public static partial int recvmmsg(SafeHandle socket, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int sendmmsg(SafeHandle socket, MessageHeader* messages, uint count, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ppoll(PollDescriptor* descriptors, nuint count, TimeSpec* timeout, void* signalMask);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int eventfd(uint value, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(SafeHandle descriptor, void* buffer, nuint length);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(SafeHandle descriptor, void* buffer, nuint length);

    /// <summary>struct mmsghdr: struct msghdr and the length that was received or sent.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly uint _endOfMessage; // struct msghdr is padded to 56 bytes
        public uint Length;
        private readonly uint _endOfHeader;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
