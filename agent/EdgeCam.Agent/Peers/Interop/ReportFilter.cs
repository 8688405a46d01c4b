using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Peers.Interop;

/// <summary>
/// A second socket of the same port, to which the kernel gives the reports that have time: transport feedback and estimates (RTPFB and PSFB with format 15),
/// and receiver reports that nothing follows. All else, checks, DTLS, NACK and PLI, comes to the first. SRTCP leaves the eight bytes readable that this needs
/// (RFC 3711 §3.4), in ChannelData behind its own four (RFC 8656 §12.4).
/// </summary>
/// <remarks>
/// Both are a group of SO_REUSEPORT (socket(7)), and a classic BPF program, which needs no privilege, says which of the two it is
/// (SO_ATTACH_REUSEPORT_CBPF, Linux 4.6). Who forges a header only reaches the other socket, and is refused there as here.
/// </remarks>
internal static unsafe class ReportFilter
{
    private const int AttachReusePortFilter = 51; // SO_ATTACH_REUSEPORT_CBPF

    // Opcodes of linux/bpf_common.h: A and X are registers, K the constant, M[0] a word of memory.
    private const ushort LoadByte = 0x30; // A = byte K of the datagram
    private const ushort LoadByteFromX = 0x50; // A = byte X + K
    private const ushort LoadLength = 0x80;
    private const ushort SetX = 0x01;
    private const ushort LoadX = 0x61; // X = M[K]
    private const ushort Store = 0x02; // M[K] = A
    private const ushort And = 0x54;
    private const ushort Multiply = 0x24;
    private const ushort Add = 0x04;
    private const ushort SubtractX = 0x1C;
    private const ushort Jump = 0x05;
    private const ushort IfEqual = 0x15;
    private const ushort IfAtLeast = 0x35;
    private const ushort IfGreaterThanX = 0x2D;
    private const ushort Return = 0x06; // the index of the socket; also 0 where a byte is loaded that is not there

    private const byte ToFirst = 25, ToReports = 26; // where the two ends stand

    private static readonly Instruction[] s_program =
    [
        new(LoadByte, 0),
        If(1, IfAtLeast, 0x40, 2, ToFirst), // STUN or DTLS
        If(2, IfAtLeast, 0x50, 5, 3),
        new(SetX, 4), // ChannelData
        new(Jump, 1),
        new(SetX, 0),
        new(LoadByteFromX, 0),
        new(And, 0xC0),
        If(8, IfEqual, 0x80, 9, ToFirst), // version 2
        new(LoadByteFromX, 1),
        If(10, IfEqual, 205, 13, 11),
        If(11, IfEqual, 206, 13, 12),
        If(12, IfEqual, 201, 16, ToFirst),
        new(LoadByteFromX, 0), // feedback: its format
        new(And, 0x1F),
        If(15, IfEqual, 15, ToReports, ToFirst),
        new(LoadByteFromX, 0), // a receiver report: whether it is longer than its blocks, index and tag
        new(And, 0x1F),
        new(Multiply, 24),
        new(Add, 8 + 4 + 16),
        new(Store, 0),
        new(LoadLength, 0),
        new(SubtractX, 0),
        new(LoadX, 0),
        If(24, IfGreaterThanX, 0, ToFirst, ToReports),
        new(Return, 0),
        new(Return, 1),
    ];

    /// <summary>Null where this kernel cannot: then all comes to the first socket.</summary>
    /// <param name="first">Bound without SO_REUSEPORT, so that nobody else has the port.</param>
    /// <param name="open">Makes another one like it, not bound.</param>
    public static Socket? TryOpen(Socket first, Func<Socket> open)
    {
        Socket? second = null;
        try
        {
            first.SetRawSocketOption(Libc.SolSocket, Libc.ReusePort, [1, 0, 0, 0]);
            second = open();
            second.SetRawSocketOption(Libc.SolSocket, Libc.ReusePort, [1, 0, 0, 0]);
            second.Bind(first.LocalEndPoint!);
            fixed (Instruction* instructions = s_program)
            {
                var program = new Program { Length = (ushort)s_program.Length, Instructions = instructions };
                second.SetRawSocketOption(Libc.SolSocket, AttachReusePortFilter, new ReadOnlySpan<byte>(&program, sizeof(Program)));
            }

            return second;
        }
        catch (SocketException)
        {
            second?.Dispose();
            first.SetRawSocketOption(Libc.SolSocket, Libc.ReusePort, [0, 0, 0, 0]);
            return null;
        }
    }

    /// <summary>Jumps are counted from the next instruction; here they are written as where they go to.</summary>
    private static Instruction If(byte at, ushort code, uint constant, byte then, byte otherwise) => new(code, constant, (byte)(then - at - 1), (byte)(otherwise - at - 1));

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, uint constant, byte then = 0, byte otherwise = 0)
    {
        private readonly ushort _code = code;
        private readonly byte _then = then;
        private readonly byte _otherwise = otherwise;
        private readonly uint _constant = constant;
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public Instruction* Instructions;
    }
}
