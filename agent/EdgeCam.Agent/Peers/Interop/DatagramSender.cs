using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers.Interop;

/// <summary>
/// Collects datagrams of many viewers and sends them with one sendmmsg, each message a UDP GSO burst of equal-sized segments (udp(7)).
/// A kernel or device that refuses GSO (EIO, EINVAL) is remembered per local address and gets plain datagrams.
/// </summary>
internal sealed unsafe class DatagramSender : IDisposable
{
    /// <summary>The most that one message takes: what <c>TryTransmit</c> may fill.</summary>
    public const int MessageSize = 64 * 1024;

    /// <summary>The kernel's limit of segments in one message (UDP_MAX_SEGMENTS before Linux 6.9).</summary>
    public const int MaxSegments = 64;

    private const int MaxMessages = 512;
    private const int ArenaSize = 256 * 1024; // what the kernel then copies is still in the processor's cache

    private readonly Socket _socket;
    private readonly HashSet<TransportAddress> _withoutSegmentation = [];
    private readonly Libc.MessageHeader* _headers = (Libc.MessageHeader*)NativeMemory.AllocZeroed(MaxMessages, (nuint)sizeof(Libc.MessageHeader));
    private readonly Libc.IoVector* _vectors = (Libc.IoVector*)NativeMemory.AllocZeroed(MaxMessages, (nuint)sizeof(Libc.IoVector));
    private readonly byte* _names = (byte*)NativeMemory.AllocZeroed(MaxMessages * SocketAddress.Size);
    private readonly byte* _controls = (byte*)NativeMemory.AllocZeroed(MaxMessages * SocketAddress.ControlSize);
    private readonly byte* _arena = (byte*)NativeMemory.Alloc(ArenaSize);
    private readonly Transmit[] _transmits = new Transmit[MaxMessages];
    private int _used, _count, _sent;
    private bool _disposed;

    /// <param name="socket">One socket of one address family; the caller keeps it.</param>
    /// <param name="segmentation">False to start without GSO, as the fallback's test does.</param>
    public DatagramSender(Socket socket, bool segmentation = true)
    {
        _socket = socket;
        Segmentation = segmentation;
    }

    /// <summary>False once switched off for the whole socket.</summary>
    public bool Segmentation { get; }

    /// <summary>Local addresses whose egress refused GSO.</summary>
    public int EgressesWithoutSegmentation => _withoutSegmentation.Count;

    /// <summary>Datagrams that the kernel took.</summary>
    public long Sent { get; private set; }

    /// <summary>Datagrams that the kernel refused: no route, not permitted, too long.</summary>
    public long Refused { get; private set; }

    /// <summary>True while messages wait for room in the socket's send buffer.</summary>
    public bool IsPending => _sent < _count;

    /// <summary>True while another whole message fits.</summary>
    public bool HasRoom => ArenaSize - _used >= MessageSize && _count + MaxSegments <= MaxMessages;

    /// <summary>Where the next message is to be written.</summary>
    public Span<byte> Free => new(_arena + _used, MessageSize);

    /// <summary>Takes what was written to <see cref="Free"/>.</summary>
    public void Add(in Transmit transmit)
    {
        if (transmit.SegmentSize < transmit.Length && (!Segmentation || _withoutSegmentation.Contains(transmit.Path.Local)))
        {
            for (var at = 0; at < transmit.Length; at += transmit.SegmentSize)
            {
                var length = Math.Min(transmit.SegmentSize, transmit.Length - at);
                AddMessage(new(transmit.Path, length, length), _arena + _used + at);
            }
        }
        else
        {
            AddMessage(transmit, _arena + _used);
        }

        _used += transmit.Length;
    }

    /// <summary>Sends as much as the socket takes. Afterwards <see cref="IsPending"/> tells whether to wait for it to become writable.</summary>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        while (_sent < _count)
        {
            var taken = Libc.sendmmsg(_socket.SafeHandle, _headers + _sent, (uint)(_count - _sent), Libc.DontWait);
            if (taken > 0)
            {
                for (var i = 0; i < taken; i++)
                    Sent += Segments(_transmits[_sent + i]);
                _sent += taken;
                continue;
            }

            switch (Marshal.GetLastPInvokeError())
            {
                case Libc.Interrupted: continue;
                case Libc.Again or Libc.NoBuffers: return;
                case Libc.InputOutputError or Libc.InvalidArgument when IsBurst(_transmits[_sent]):
                    _withoutSegmentation.Add(_transmits[_sent].Path.Local);
                    SendPlain(_transmits[_sent], _vectors[_sent].Base);
                    break;
                default:
                    Refused += Segments(_transmits[_sent]);
                    break;
            }

            _sent++;
        }

        _used = _count = _sent = 0;
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
        NativeMemory.Free(_arena);
    }

    private static bool IsBurst(in Transmit transmit) => transmit.SegmentSize < transmit.Length;

    private static int Segments(in Transmit transmit) => (transmit.Length + transmit.SegmentSize - 1) / transmit.SegmentSize;

    private void AddMessage(in Transmit transmit, byte* data)
    {
        var name = _names + (_count * SocketAddress.Size);
        var control = _controls + (_count * SocketAddress.ControlSize);
        _vectors[_count].Base = data;
        _vectors[_count].Length = (nuint)transmit.Length;
        ref var header = ref _headers[_count];
        header.Name = name;
        header.NameLength = (uint)SocketAddress.Write(transmit.Path.Remote, new(name, SocketAddress.Size));
        header.Vectors = _vectors + _count;
        header.VectorCount = 1;
        header.Control = control;
        header.ControlLength = (nuint)SocketAddress.WriteControl(
            transmit.Path.Local, IsBurst(transmit) ? transmit.SegmentSize : 0, new(control, SocketAddress.ControlSize));
        if (header.ControlLength == 0)
            header.Control = null;
        _transmits[_count++] = transmit;
    }

    /// <summary>The burst that GSO refused, datagram by datagram. What the socket does not take at once is lost; the viewer's NACK repairs it.</summary>
    private void SendPlain(in Transmit transmit, byte* data)
    {
        var name = stackalloc byte[SocketAddress.Size];
        var control = stackalloc byte[SocketAddress.ControlSize];
        var vector = default(Libc.IoVector);
        var header = default(Libc.MessageHeader);
        header.Name = name;
        header.NameLength = (uint)SocketAddress.Write(transmit.Path.Remote, new(name, SocketAddress.Size));
        header.Vectors = &vector;
        header.VectorCount = 1;
        header.ControlLength = (nuint)SocketAddress.WriteControl(transmit.Path.Local, 0, new(control, SocketAddress.ControlSize));
        header.Control = header.ControlLength == 0 ? null : control;
        for (var at = 0; at < transmit.Length; at += transmit.SegmentSize)
        {
            vector.Base = data + at;
            vector.Length = (nuint)Math.Min(transmit.SegmentSize, transmit.Length - at);
            if (Libc.sendmmsg(_socket.SafeHandle, &header, 1, Libc.DontWait) == 1)
                Sent++;
            else
                Refused++;
        }
    }
}
