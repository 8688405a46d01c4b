using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeCam.Benchmarks.Load;
using EdgeCam.Benchmarks.Runs;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>Runs the least that encrypted video costs, to sockets that only take what comes.</summary>
internal static class FloorSender
{
    public const string Name = "floor";

    private static readonly TimeSpan s_ready = TimeSpan.FromSeconds(30);

    public static async Task<FanoutFigures> RunAsync(FanoutOptions options)
    {
        using var sinks = new SinkLoop(options.Viewers);
        string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
        await using var process = ChildProcess.Start(
            Path.Combine(AppContext.BaseDirectory, "EdgeCam.Benchmarks"),
            [Name, "--width", Text(options.Width), "--height", Text(options.Height), "--bitrate", Text(options.Bitrate), "--ports", string.Join(',', sinks.Ports)]);
        var id = int.Parse((await process.WaitForAsync("ready ", s_ready)).Split(' ')[1], CultureInfo.InvariantCulture);
        await Task.Delay(TimeSpan.FromSeconds(3)); // its code is compiled
        var (began, cpu, packets, bytes) = (Stopwatch.GetTimestamp(), ProcessMeter.ProcessorTime(id), sinks.Packets, sinks.Bytes);
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds));
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var used = ProcessMeter.ProcessorTime(id) - cpu;
        var none = Percentiles.Of([]);
        return new(
            Name, options.Viewers, (sinks.Bytes - bytes) * 8 / seconds / options.Viewers, (sinks.Packets - packets) / seconds / options.Viewers, double.NaN, used / 1e6 / seconds / options.Viewers,
            double.NaN, ProcessMeter.ResidentMegabytes(id), ProcessMeter.Threads(id), 0, 0, none, none, none, null, null, null);
    }

    /// <summary>Reads and forgets.</summary>
    private sealed class SinkLoop : IDisposable
    {
        private readonly Socket[] _sockets;
        private readonly ArrivalBatch _batch = new();
        private readonly Thread _thread;
        private volatile bool _isStopped;
        private long _packets, _bytes;

        public SinkLoop(int count)
        {
            _sockets = [.. Enumerable.Range(0, count).Select(static _ =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 2 * 1024 * 1024 };
                socket.Bind(new IPEndPoint(LoadLoop.Address, 0));
                ArrivalBatch.Enable(socket); // as of a viewer: the kernel notes the time on the sender's account
                return socket;
            })];
            _thread = new Thread(Run) { IsBackground = true, Name = "sinks" };
            _thread.Start();
        }

        public IEnumerable<int> Ports => _sockets.Select(static socket => ((IPEndPoint)socket.LocalEndPoint!).Port);

        public long Packets => Volatile.Read(ref _packets);

        public long Bytes => Volatile.Read(ref _bytes);

        public void Dispose()
        {
            _isStopped = true;
            _thread.Join();
            foreach (var socket in _sockets)
                socket.Dispose();
            _batch.Dispose();
        }

        private void Run()
        {
            while (!_isStopped)
            {
                Thread.Sleep(LoadLoop.Rest);
                foreach (var socket in _sockets)
                {
                    int received;
                    while ((received = _batch.Receive(socket)) > 0)
                    {
                        for (var i = 0; i < received; i++)
                            Volatile.Write(ref _bytes, _bytes + _batch.Datagram(i).Length);
                        Volatile.Write(ref _packets, _packets + received);
                    }
                }
            }
        }
    }
}
