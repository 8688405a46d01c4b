using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;
using EdgeCam.WebRtc.Tests.Turn;

namespace EdgeCam.Agent.Tests.Relays;

/// <summary>The engine tests' own TURN server on real sockets: it refuses what a test wants refused, which coturn does not.</summary>
internal sealed class SocketTurnServer : IDisposable
{
    private const int Relays = 8; // as many as the node has

    private readonly Dictionary<Socket, TransportAddress> _sockets = [];
    private readonly TurnServerNode _node;
    private readonly Lock _turn = new();
    private readonly Thread _thread;
    private volatile bool _isStopping;

    public SocketTurnServer()
    {
        Server = Bind(0)!.Value;
        TransportAddress? relay = null;
        for (var port = 53_000; relay is null; port += Relays)
            relay = BindAll(port);
        _node = new(new VirtualNetwork(seed: 1), Server, relay.Value);
        _thread = new(Run) { IsBackground = true, Name = "TURN server" };
        _thread.Start();
    }

    public TransportAddress Server { get; }

    public T Ask<T>(Func<TurnServerNode, T> question)
    {
        lock (_turn)
            return question(_node);
    }

    /// <summary>As after a restart.</summary>
    public void Forget()
    {
        lock (_turn)
            _node.Forget();
    }

    public void Forget(TransportAddress client)
    {
        lock (_turn)
            _node.Forget(client);
    }

    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        foreach (var socket in _sockets.Keys)
            socket.Dispose();
    }

    private TransportAddress? BindAll(int port)
    {
        var bound = _sockets.Count;
        for (var i = 0; i < Relays; i++)
        {
            if (Bind(port + i) is not null)
                continue;
            foreach (var socket in _sockets.Keys.Skip(bound).ToArray())
            {
                _sockets.Remove(socket);
                socket.Dispose();
            }

            return null;
        }

        return TransportAddress.From(IPAddress.Loopback, port);
    }

    private TransportAddress? Bind(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 4 * 1024 * 1024 };
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }

        var address = TransportAddress.From(IPAddress.Loopback, ((IPEndPoint)socket.LocalEndPoint!).Port);
        _sockets[socket] = address;
        return address;
    }

    private void Run()
    {
        var buffer = new byte[65536];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (!_isStopping)
        {
            var readable = _sockets.Keys.ToList();
            Socket.Select(readable, null, null, TimeSpan.FromMilliseconds(20));
            lock (_turn)
            {
                foreach (var socket in readable)
                {
                    var length = socket.ReceiveFrom(buffer, ref from);
                    var remote = (IPEndPoint)from;
                    _node.HandleDatagram(buffer.AsSpan(0, length), new(_sockets[socket], TransportAddress.From(remote.Address, remote.Port)), MonotonicClock.Now);
                }

                while (_node.TryTransmit(buffer, MonotonicClock.Now, out var transmit))
                {
                    var sender = _sockets.First(known => known.Value == transmit.Path.Local).Key;
                    sender.SendTo(buffer.AsSpan(0, transmit.Length), new IPEndPoint(transmit.Path.Remote.ToIPAddress(), transmit.Path.Remote.Port));
                }
            }
        }
    }
}
