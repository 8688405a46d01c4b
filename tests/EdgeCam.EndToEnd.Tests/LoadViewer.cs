using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using EdgeCam.EndToEnd.Tests.Network;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Tests.Simulation;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A light viewer on a real socket: real ICE, DTLS and SRTP, pictures counted and not decoded, so that a test can have many.</summary>
internal sealed class LoadViewer : IDisposable
{
    private static readonly HttpClient s_http = new();
    private static int s_seed = Environment.TickCount;

    private readonly Socket _socket;
    private readonly HttpClient _http;
    private readonly VirtualViewer _viewer;
    private readonly TransportAddress _local;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private readonly byte[] _buffer = new byte[65536];
    private Uri? _session;
    private int _pictures;
    private long _offered;

    private LoadViewer(Socket socket, IPAddress address, int port, HttpClient http, string feedback)
    {
        (_socket, _http) = (socket, http);
        _socket.ReceiveBufferSize = 4 * 1024 * 1024;
        _socket.Bind(new IPEndPoint(address, port));
        _local = TransportAddress.From(address, ((IPEndPoint)_socket.LocalEndPoint!).Port);
        _viewer = new VirtualViewer(Interlocked.Increment(ref s_seed), _local, Now, keepPictures: false, isRealTime: true, feedback: feedback);
        _thread = new Thread(Run) { IsBackground = true, Name = "load viewer" };
    }

    public static Instant Now => new(Stopwatch.GetElapsedTime(0).Ticks);

    public int Port => _local.Port;

    /// <summary>What the agent answered.</summary>
    public string Answer { get; private set; } = "";

    public int Pictures => Volatile.Read(ref _pictures);

    public int Packets { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Sequence numbers missing now: lost and not yet repaired.</summary>
    public int Missing { get; private set; }

    public int Repaired { get; private set; }

    /// <summary>From posting the offer to the last packet of the first IDR picture.</summary>
    public TimeSpan? FirstPicture { get; private set; }

    public TimeSpan? Connected { get; private set; }

    public Instant LastDatagram { get; private set; }

    /// <summary>Joins over WHEP.</summary>
    /// <param name="port">To come from; 0 takes a free one.</param>
    public static Task<LoadViewer> JoinAsync(Uri whep, int port = 0) =>
        OfferAsync(whep, new LoadViewer(new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp), IPAddress.Loopback, port, s_http, feedback: ""));

    /// <summary>Joins from an address of a namespace, and tells like a browser how packets arrive.</summary>
    /// <param name="http">The way to the agent's WHEP.</param>
    public static Task<LoadViewer> JoinAsync(Uri whep, HttpClient http, NetNamespace inside, string address) =>
        OfferAsync(whep, new LoadViewer(inside.Socket(SocketType.Dgram), IPAddress.Parse(address), port: 0, http, feedback: "transport-cc"));

    private static async Task<LoadViewer> OfferAsync(Uri whep, LoadViewer joining)
    {
        using var offer = new StringContent(joining._viewer.Offer, new MediaTypeHeaderValue("application/sdp"));
        joining._offered = Stopwatch.GetTimestamp();
        using var response = await joining._http.PostAsync(whep, offer);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Created, $"{(int)response.StatusCode}: {answer}");
        joining._session = new Uri(whep, response.Headers.Location!);
        joining.Answer = answer;
        joining._viewer.HandleAnswer(answer, Now);
        joining._thread.Start();
        return joining;
    }

    public async Task WaitForPictureAsync(TimeSpan limit)
    {
        var waited = Stopwatch.StartNew();
        while (FirstPicture is null)
        {
            Assert.True(waited.Elapsed < limit, $"no picture after {limit}: {_viewer.Failure ?? (_viewer.IsConnected ? "connected" : "not connected")}");
            await Task.Delay(2);
        }
    }

    /// <summary>As by SIGKILL: no goodbye; the socket stays, so that what still comes is counted.</summary>
    public void Kill()
    {
        lock (_gate)
            _viewer.IsDead = true;
    }

    public async Task LeaveAsync()
    {
        using var response = await _http.DeleteAsync(_session);
        Assert.True(response.IsSuccessStatusCode, $"DELETE {_session}: {(int)response.StatusCode}");
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
            var now = Now;
            var wait = Math.Clamp((_viewer.NextTimeout - now).TotalMicroseconds, 0, 20_000);
            var readable = _socket.Poll((int)wait, SelectMode.SelectRead);
            lock (_gate)
            {
                now = Now;
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
                    _socket.SendTo(_buffer.AsSpan(0, transmit.Length), new IPEndPoint(transmit.Path.Remote.ToIPAddress(), transmit.Path.Remote.Port));
                Count();
            }
        }
    }

    private void Count()
    {
        var video = _viewer.Video;
        if (Connected is null && _viewer.IsConnected)
            Connected = Stopwatch.GetElapsedTime(_offered);
        if (FirstPicture is null && video.IdrCount > 0)
            FirstPicture = Stopwatch.GetElapsedTime(_offered);
        Volatile.Write(ref _pictures, video.PictureCount);
        Packets = video.Packets;
        Bytes = video.Bytes;
        Repaired = video.Repaired;
        Missing = video.Missing().Count;
    }
}
