using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>Small datagrams from the public network to the viewer's router, fifty a second: how long they stood in the queue before the limited link.</summary>
internal sealed class QueueProbe : IAsyncDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_lost = TimeSpan.FromSeconds(2);

    private readonly Socket _from;
    private readonly Socket _to;
    private readonly List<DateTime> _sent = [];
    private readonly Dictionary<int, DateTime> _arrived = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _sender;
    private readonly Thread _receiver;

    private QueueProbe(NetworkLab lab)
    {
        _from = lab.Public.Socket(SocketType.Dgram);
        _from.Connect(new IPEndPoint(IPAddress.Parse(NetworkLab.ViewerRouter), NetworkLab.ProbePort));
        _to = lab.Viewer.Router.Socket(SocketType.Dgram);
        _to.Bind(new IPEndPoint(IPAddress.Any, NetworkLab.ProbePort));
        _sender = new Thread(Send) { IsBackground = true, Name = "probe sender" };
        _receiver = new Thread(Receive) { IsBackground = true, Name = "probe receiver" };
        _sender.Start();
        _receiver.Start();
    }

    public static QueueProbe Start(NetworkLab lab) => lab.Keep(new QueueProbe(lab));

    /// <summary>The delays of what was sent in a stretch of time; one that never came counts as two seconds.</summary>
    public IReadOnlyList<TimeSpan> Delays(DateTime from, DateTime to)
    {
        lock (_sent)
        {
            return [.. _sent.Select((at, i) => (At: at, Number: i)).Where(probe => probe.At >= from && probe.At <= to)
                .Select(probe => _arrived.TryGetValue(probe.Number, out var arrived) ? arrived - probe.At : s_lost).Order()];
        }
    }

    public TimeSpan Delay(DateTime from, DateTime to, double quantile)
    {
        var delays = Delays(from, to);
        return delays.Count == 0 ? s_lost : delays[Math.Min(delays.Count - 1, (int)(delays.Count * quantile))];
    }

    public ValueTask DisposeAsync()
    {
        _stop.Cancel();
        _sender.Join();
        _to.Dispose();
        _receiver.Join();
        _from.Dispose();
        _stop.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Send()
    {
        Span<byte> probe = stackalloc byte[32];
        for (var number = 0; !_stop.IsCancellationRequested; number++)
        {
            BinaryPrimitives.WriteInt32BigEndian(probe, number);
            lock (_sent)
                _sent.Add(DateTime.UtcNow);
            try
            {
                _from.Send(probe);
            }
            catch (SocketException)
            {
                // The queue is full, or nobody listens: it counts as lost.
            }

            _stop.Token.WaitHandle.WaitOne(s_period);
        }
    }

    private void Receive()
    {
        Span<byte> probe = stackalloc byte[64];
        try
        {
            while (true)
            {
                _to.Receive(probe);
                lock (_sent)
                    _arrived[BinaryPrimitives.ReadInt32BigEndian(probe)] = DateTime.UtcNow;
            }
        }
        catch (SocketException)
        {
            // Closed: the lab ends.
        }
        catch (ObjectDisposedException)
        {
            // The same, a moment earlier.
        }
    }
}
