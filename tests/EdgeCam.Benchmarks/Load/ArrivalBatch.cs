using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Peers.Interop;

namespace EdgeCam.Benchmarks.Load;

/// <summary>
/// Reads up to 64 datagrams with one recvmmsg, each with the moment at which the kernel had it (SO_TIMESTAMPNS, socket(7)): how long they then wait for
/// this program is not the sender's fault.
/// </summary>
internal sealed unsafe class ArrivalBatch : IDisposable
{
    private const int Batch = 64;
    private const int DatagramSize = 2048;
    private const int ControlSize = 64;
    private const int NameSize = 28;
    private const int TimestampNs = 35; // SO_TIMESTAMPNS and SCM_TIMESTAMPNS, asm-generic/socket.h

    private readonly Libc.MessageHeader* _headers = (Libc.MessageHeader*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(Libc.MessageHeader));
    private readonly Libc.IoVector* _vectors = (Libc.IoVector*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(Libc.IoVector));
    private readonly byte* _names = (byte*)NativeMemory.AllocZeroed(Batch * NameSize);
    private readonly byte* _controls = (byte*)NativeMemory.AllocZeroed(Batch * ControlSize);
    private readonly byte* _datagrams = (byte*)NativeMemory.Alloc(Batch * DatagramSize);

    public static void Enable(Socket socket) => socket.SetRawSocketOption(Libc.SolSocket, TimestampNs, [1, 0, 0, 0]);

    public int Receive(Socket socket)
    {
        for (var i = 0; i < Batch; i++)
        {
            _vectors[i] = new() { Base = _datagrams + (i * DatagramSize), Length = DatagramSize };
            ref var header = ref _headers[i];
            header.Name = _names + (i * NameSize);
            header.NameLength = NameSize;
            header.Vectors = _vectors + i;
            header.VectorCount = 1;
            header.Control = _controls + (i * ControlSize);
            header.ControlLength = ControlSize;
        }

        return Math.Max(Libc.recvmmsg(socket.SafeHandle, _headers, Batch, Libc.DontWait, null), 0);
    }

    public Span<byte> Datagram(int index) => new(_datagrams + (index * DatagramSize), (int)_headers[index].Length);

    public WebRtc.Primitives.TransportAddress From(int index) => SocketAddress.Read(new(_names + (index * NameSize), NameSize));

    /// <summary>In ticks of 100 ns of the wall clock; that of now where the kernel gave none.</summary>
    public long ArrivedAt(int index)
    {
        var control = new ReadOnlySpan<byte>(_headers[index].Control, (int)_headers[index].ControlLength);
        while (control.Length >= 16 && (int)MemoryMarshal.Read<ulong>(control) is >= 16 and var length && length <= control.Length)
        {
            if (MemoryMarshal.Read<int>(control[8..]) == Libc.SolSocket && MemoryMarshal.Read<int>(control[12..]) == TimestampNs && length >= 32)
                return DateTime.UnixEpoch.Ticks + (MemoryMarshal.Read<long>(control[16..]) * TimeSpan.TicksPerSecond) + (MemoryMarshal.Read<long>(control[24..]) / 100);
            control = control[Math.Min((length + 7) & ~7, control.Length)..];
        }

        return DateTime.UtcNow.Ticks;
    }

    public void Dispose()
    {
        NativeMemory.Free(_headers);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_names);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_datagrams);
    }
}
