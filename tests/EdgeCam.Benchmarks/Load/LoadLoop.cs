using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Peers.Interop;
using EdgeCam.WebRtc.Dtls;
using EdgeCam.WebRtc.Ice;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Benchmarks.Load;

/// <summary>One thread with many viewers, each on a socket of its own.</summary>
internal sealed class LoadLoop : IDisposable
{
    private const int ReceiveBuffer = 2 * 1024 * 1024;

    private static readonly TimeSpan s_longestWait = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// Once all have a picture their sockets are looked at so often, and between nobody waits for them: viewers elsewhere would wake up no thread here either. The
    /// kernel notes when a packet came.
    /// </summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(10);

    private readonly List<(Socket Socket, LoadViewer Viewer)> _viewers = [];
    private readonly Lock _gate = new();
    private readonly DtlsContext _context;
    private readonly WakeSignal _wake = new();
    private readonly ArrivalBatch _batch = new();
    private readonly byte[] _buffer = new byte[2048];
    private readonly Thread _thread;
    private Libc.PollDescriptor[] _descriptors = [];
    private volatile bool _isStopped;

    /// <param name="srtp">What alone the viewers take; else what the engine prefers.</param>
    public LoadLoop(SrtpProfile? srtp = null)
    {
        _context = new(DtlsCertificate.Create(DateTimeOffset.UtcNow, new SystemRandom()), srtp is { } only ? [only] : null);
        _thread = new Thread(Run) { IsBackground = true, Name = "load" };
        _thread.Start();
    }

    /// <summary>
    /// Where the viewers are: at an address of this machine, as one of its network would be, for some senders look for nobody on loopback. What goes there stays
    /// within the machine all the same. Loopback where there is no other.
    /// </summary>
    public static IPAddress Address { get; } = NetworkInterface.GetAllNetworkInterfaces()
        .Where(static one => one.OperationalStatus == OperationalStatus.Up && one.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(static one => one.GetIPProperties().UnicastAddresses)
        .FirstOrDefault(static address => address.Address.AddressFamily == AddressFamily.InterNetwork)?.Address ?? IPAddress.Loopback;

    /// <summary>A viewer that can make its offer. What it says of itself is read under <see cref="Ask"/>.</summary>
    /// <param name="role">Controlled where the sender makes the offer.</param>
    public LoadViewer Add(IceRole role = IceRole.Controlling)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = ReceiveBuffer };
        socket.Bind(new IPEndPoint(Address, 0));
        ArrivalBatch.Enable(socket);
        lock (_gate)
        {
            var viewer = new LoadViewer(TransportAddress.From(Address, ((IPEndPoint)socket.LocalEndPoint!).Port), role, _context, MonotonicClock.Now);
            _viewers.Add((socket, viewer));
            _wake.Set();
            return viewer;
        }
    }

    public void Remove(LoadViewer viewer)
    {
        lock (_gate)
        {
            var index = _viewers.FindIndex(entry => entry.Viewer == viewer);
            _viewers[index].Socket.Dispose();
            _viewers.RemoveAt(index);
            viewer.Dispose();
        }
    }

    /// <summary>Between two turns of the loop.</summary>
    public T Ask<T>(Func<T> question)
    {
        lock (_gate)
            return question();
    }

    public void HandleAnswer(LoadViewer viewer, string answer)
    {
        lock (_gate)
        {
            var now = MonotonicClock.Now;
            viewer.HandleAnswer(answer, now);
            Transmit(_viewers.Find(entry => entry.Viewer == viewer).Socket, viewer, now); // its check is on its way while it looks at what came before the answer
        }

        _wake.Set();
    }

    public string Answer(LoadViewer viewer, string offer)
    {
        string answer;
        lock (_gate)
            answer = viewer.Answer(offer, MonotonicClock.Now);
        _wake.Set();
        return answer;
    }

    public void Dispose()
    {
        _isStopped = true;
        _thread.Join();
        foreach (var (socket, viewer) in _viewers)
        {
            socket.Dispose();
            viewer.Dispose();
        }

        _context.Dispose();
        _batch.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        while (!_isStopped)
        {
            int count;
            var (next, isJoining) = (Instant.Never, false);
            lock (_gate)
            {
                count = _viewers.Count;
                if (_descriptors.Length <= count)
                    _descriptors = new Libc.PollDescriptor[count + 64];
                _descriptors[count] = new() { Descriptor = (int)_wake.Descriptor.DangerousGetHandle(), Events = Libc.PollIn };
                for (var i = 0; i < count; i++)
                {
                    _descriptors[i] = new() { Descriptor = (int)_viewers[i].Socket.SafeHandle.DangerousGetHandle(), Events = Libc.PollIn };
                    next = Instant.Min(next, _viewers[i].Viewer.NextTimeout);
                    isJoining |= _viewers[i].Viewer.FirstIdrAt == 0;
                }
            }

            var wait = next == Instant.Never ? s_longestWait : next - MonotonicClock.Now;
            if (!isJoining)
                Wait(count, 1, wait < Rest ? wait : Rest); // feedback leaves in time
            Wait(0, count + 1, isJoining ? wait : TimeSpan.Zero);
            _wake.Clear();
            lock (_gate)
            {
                if (_viewers.Count == count) // else the descriptors are of others
                    Turn(count);
            }
        }
    }

    private unsafe void Wait(int first, int count, TimeSpan wait)
    {
        wait = TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, s_longestWait.Ticks));
        var time = new Libc.TimeSpec { Nanoseconds = wait.Ticks * 100 };
        fixed (Libc.PollDescriptor* descriptors = _descriptors)
            Libc.ppoll(descriptors + first, (nuint)count, &time, null);
    }

    private void Turn(int count)
    {
        var now = MonotonicClock.Now;
        for (var i = 0; i < count; i++)
        {
            var (socket, viewer) = _viewers[i];
            if (_descriptors[i].Returned != 0)
            {
                int received;
                while ((received = _batch.Receive(socket)) > 0)
                {
                    for (var datagram = 0; datagram < received; datagram++)
                        viewer.HandleDatagram(_batch.Datagram(datagram), _batch.From(datagram), _batch.ArrivedAt(datagram), now);
                }
            }

            if (viewer.NextTimeout <= now)
                viewer.HandleTimeout(now);
            Transmit(socket, viewer, now);
        }
    }

    private void Transmit(Socket socket, LoadViewer viewer, Instant now)
    {
        while (viewer.TryTransmit(_buffer, now, out var transmit))
            Send(socket, _buffer.AsSpan(0, transmit.Length), transmit.Path.Remote);
    }

    private static void Send(Socket socket, ReadOnlySpan<byte> datagram, TransportAddress to)
    {
        try
        {
            socket.SendTo(datagram, new IPEndPoint(to.ToIPAddress(), to.Port));
        }
        catch (SocketException)
        {
            // No way there, or nobody any more: as good as lost.
        }
    }
}
