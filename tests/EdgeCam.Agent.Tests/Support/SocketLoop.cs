using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>The virtual viewer on a real socket and a thread of its own: real ICE, DTLS and SRTP.</summary>
internal sealed class SocketLoop : IDisposable
{
    private static int s_seed = Environment.TickCount;

    private readonly Socket _socket;
    private readonly VirtualViewer _viewer;
    private readonly TransportAddress _local;
    private readonly Action<VirtualViewer> _turned;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly byte[] _buffer = new byte[65536];

    /// <param name="turned">Sees the viewer at the end of each turn, on its thread.</param>
    /// <param name="place">Where it is; on loopback where none is given.</param>
    /// <param name="feedback">That it offers.</param>
    /// <param name="keepsPictures">Their payloads can be read afterwards.</param>
    public SocketLoop(Action<VirtualViewer> turned, SocketPlace? place = null, string feedback = "", bool keepsPictures = false)
    {
        _turned = turned;
        place ??= new(IPAddress.Loopback);
        _socket = place.Open?.Invoke(place.Address.AddressFamily) ?? new Socket(place.Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _socket.ReceiveBufferSize = 4 * 1024 * 1024;
        _socket.Bind(new IPEndPoint(place.Address, place.Port));
        _local = TransportAddress.From(place.Address, ((IPEndPoint)_socket.LocalEndPoint!).Port);
        _viewer = new VirtualViewer(Interlocked.Increment(ref s_seed), _local, MonotonicClock.Now, keepPictures: keepsPictures, isRealTime: true, feedback: feedback);
        _thread = new Thread(Run) { IsBackground = true, Name = "viewer" };
    }

    public TransportAddress Local => _local;

    public Instant LastDatagram { get; private set; }

    /// <summary>Leaves what comes in the socket, and sends nothing: a browser whose process hangs.</summary>
    public bool IsHanging { get; set; }

    public T Ask<T>(Func<VirtualViewer, T> question)
    {
        lock (_gate)
            return question(_viewer);
    }

    /// <summary>Takes the answer to the latest offer; the first one begins it all.</summary>
    public void HandleAnswer(string answer)
    {
        lock (_gate)
            _viewer.HandleAnswer(answer, MonotonicClock.Now);
        if (!_thread.IsAlive)
            _thread.Start();
    }

    /// <summary>As a server that is published to: answers, and begins.</summary>
    public string Answer(string offer)
    {
        string answer;
        lock (_gate)
            answer = _viewer.Answer(offer, "active", MonotonicClock.Now);
        if (!_thread.IsAlive)
            _thread.Start();
        return answer;
    }

    /// <summary>Any bytes, from the viewer's own port.</summary>
    public void SendRaw(ReadOnlySpan<byte> datagram, EndPoint to)
    {
        lock (_gate)
            _socket.SendTo(datagram, to);
    }

    public void Dispose()
    {
        _stop.Cancel();
        if (_thread.IsAlive)
            _thread.Join();
        _socket.Dispose();
        _viewer.Dispose();
        _stop.Dispose();
    }

    private void Send(ReadOnlySpan<byte> datagram, TransportAddress to)
    {
        try
        {
            _socket.SendTo(datagram, new IPEndPoint(to.ToIPAddress(), to.Port));
        }
        catch (SocketException)
        {
            // no way there: as good as lost
        }
    }

    private void Run()
    {
        EndPoint from = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            if (IsHanging)
            {
                Thread.Sleep(5);
                continue;
            }

            var wait = Math.Clamp((_viewer.NextTimeout - MonotonicClock.Now).TotalMicroseconds, 0, 10_000);
            var readable = _socket.Poll((int)wait, SelectMode.SelectRead);
            lock (_gate)
            {
                var now = MonotonicClock.Now;
                while (readable && _socket.Available > 0)
                {
                    var length = _socket.ReceiveFrom(_buffer, ref from);
                    var remote = (IPEndPoint)from;
                    LastDatagram = now;
                    _viewer.HandleDatagram(_buffer.AsSpan(0, length), new(_local, TransportAddress.From(remote.Address, remote.Port)), now);
                }

                if (_viewer.NextTimeout <= now)
                    _viewer.HandleTimeout(now);
                while (_viewer.TryTransmit(_buffer, now, out var transmit))
                    Send(_buffer.AsSpan(0, transmit.Length), transmit.Path.Remote);
                _turned(_viewer);
            }
        }
    }
}
