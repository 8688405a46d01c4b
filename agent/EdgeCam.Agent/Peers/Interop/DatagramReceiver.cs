using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Interop;

/// <summary>Reads up to 64 datagrams with one recvmmsg, each with the address it came from and the address of ours that it came to.</summary>
internal sealed unsafe class DatagramReceiver : IDisposable
{
    /// <summary>The most that one call brings.</summary>
    public const int Capacity = 64;

    private const int DatagramSize = 2048; // above every MTU that ICE, DTLS or SRTP use; what is longer is cut and fails its check

    private readonly Libc.MessageHeader* _headers = (Libc.MessageHeader*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(Libc.MessageHeader));
    private readonly Libc.IoVector* _vectors = (Libc.IoVector*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(Libc.IoVector));
    private readonly byte* _names = (byte*)NativeMemory.AllocZeroed(Capacity * SocketAddress.Size);
    private readonly byte* _controls = (byte*)NativeMemory.AllocZeroed(Capacity * SocketAddress.ControlSize);
    private readonly byte* _datagrams = (byte*)NativeMemory.Alloc(Capacity * DatagramSize);
    private bool _disposed;

    /// <summary>Reads what waits in the socket, at most one batch. Returns how many datagrams came; 0 when none waits.</summary>
    public int Receive(Socket socket)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        for (var i = 0; i < Capacity; i++)
        {
            _vectors[i].Base = _datagrams + (i * DatagramSize);
            _vectors[i].Length = DatagramSize;
            ref var header = ref _headers[i];
            header.Name = _names + (i * SocketAddress.Size);
            header.NameLength = SocketAddress.Size;
            header.Vectors = _vectors + i;
            header.VectorCount = 1;
            header.Control = _controls + (i * SocketAddress.ControlSize);
            header.ControlLength = SocketAddress.ControlSize;
        }

        var count = Libc.recvmmsg(socket.SafeHandle, _headers, Capacity, Libc.DontWait, null);
        return Math.Max(count, 0); // errors of a UDP socket are an ICMP answer to something sent earlier: ICE notices by itself
    }

    /// <summary>The datagram with this index of the last batch; valid until the next <see cref="Receive"/>.</summary>
    public Span<byte> Datagram(int index) => new(_datagrams + (index * DatagramSize), (int)_headers[index].Length);

    public NetworkPath Path(int index, ushort localPort)
    {
        var remote = SocketAddress.Read(new(_names + (index * SocketAddress.Size), SocketAddress.Size));
        var control = new ReadOnlySpan<byte>(_headers[index].Control, (int)_headers[index].ControlLength);
        return new(SocketAddress.ReadLocal(control, localPort), remote);
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        NativeMemory.Free(_headers);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_names);
        NativeMemory.Free(_controls);
        NativeMemory.Free(_datagrams);
    }
}
