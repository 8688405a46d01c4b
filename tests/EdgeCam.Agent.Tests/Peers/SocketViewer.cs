using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Sctp;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.Agent.Tests.Peers;

/// <summary>The virtual viewer on a real socket and a thread of its own. Tests reach into it between two of its turns.</summary>
internal sealed class SocketViewer : IDisposable
{
    private static int s_seed = 1000;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly VirtualViewer _viewer;
    private readonly TransportAddress _local;
    private readonly Lock _turn = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly byte[] _buffer = new byte[65536];
    private long _messages;

    public SocketViewer()
    {
        _socket.ReceiveBufferSize = 4 * 1024 * 1024;
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _local = TransportAddress.From(IPAddress.Loopback, ((IPEndPoint)_socket.LocalEndPoint!).Port);
        _viewer = new VirtualViewer(Interlocked.Increment(ref s_seed), _local, MonotonicClock.Now, keepPictures: false, isRealTime: true);
        _thread = new Thread(Run) { IsBackground = true, Name = "viewer" };
    }

    public string Offer => _viewer.Offer;

    public string Answer { get; private set; } = "";

    public bool IsConnected => Ask(viewer => viewer.IsConnected);

    public string? Failure => Ask(viewer => viewer.Failure);

    public int Pictures => Ask(viewer => viewer.Video.PictureCount);

    public int Missing => Ask(viewer => viewer.Video.Missing().Count);

    /// <summary>On data channels.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>Where the agent's first candidate is.</summary>
    public EndPoint Agent { get; private set; } = new IPEndPoint(IPAddress.Loopback, 0);

    /// <summary>Where it sends to.</summary>
    public TransportAddress Sending => Ask(viewer => viewer.Ice.SelectedPath?.Remote ?? default);

    /// <summary>Leaves what comes in the socket, and sends nothing: a browser whose process hangs.</summary>
    public bool IsHanging { get; set; }

    public void Begin(string answer)
    {
        Answer = answer;
        var candidate = answer.Split("a=candidate:")[1].Split(' ');
        Agent = new IPEndPoint(IPAddress.Parse(candidate[4]), int.Parse(candidate[5], System.Globalization.CultureInfo.InvariantCulture));
        _viewer.HandleAnswer(answer, MonotonicClock.Now);
        _thread.Start();
    }

    /// <summary>A further answer, to <see cref="VirtualViewer.Restart"/>.</summary>
    public void HandleAnswer(string answer)
    {
        lock (_turn)
            _viewer.HandleAnswer(answer, MonotonicClock.Now);
    }

    public T Ask<T>(Func<VirtualViewer, T> question)
    {
        lock (_turn)
            return question(_viewer);
    }

    public ushort OpenChannel(string label) => Ask(viewer =>
    {
        Assert.True(viewer.Channels!.TryOpen(label, "edgecam.control.v1", ChannelReliability.Reliable, out var id));
        return id;
    });

    /// <returns>False where its send buffer is full.</returns>
    public bool Say(ushort channel, ReadOnlySpan<byte> message)
    {
        lock (_turn)
            return _viewer.Channels!.Send(channel, message, isText: true, MonotonicClock.Now);
    }

    /// <summary>Any bytes, from the viewer's own port.</summary>
    public void SendRaw(ReadOnlySpan<byte> datagram)
    {
        lock (_turn)
            _socket.SendTo(datagram, Agent);
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

    private void Run()
    {
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            if (IsHanging)
            {
                Thread.Sleep(5);
                continue;
            }

            var wait = Math.Clamp((_viewer.NextTimeout - MonotonicClock.Now).TotalMicroseconds, 0, 5_000);
            var readable = _socket.Poll((int)wait, SelectMode.SelectRead);
            lock (_turn)
            {
                var now = MonotonicClock.Now;
                while (readable && _socket.Available > 0)
                {
                    var length = _socket.ReceiveFrom(_buffer, ref from);
                    var remote = (IPEndPoint)from;
                    _viewer.HandleDatagram(_buffer.AsSpan(0, length), new(_local, TransportAddress.From(remote.Address, remote.Port)), now);
                }

                if (_viewer.NextTimeout <= now)
                    _viewer.HandleTimeout(now);
                while (_viewer.TryTransmit(_buffer, now, out var transmit))
                    _socket.SendTo(_buffer.AsSpan(0, transmit.Length), new IPEndPoint(transmit.Path.Remote.ToIPAddress(), transmit.Path.Remote.Port));
                _messages += _viewer.Messages.Count;
                _viewer.Messages.Clear();
            }
        }
    }
}
