using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Server;

namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// The ways into the embedded broker: TCP on 127.0.0.1, and streams that the HTTP side hands over (WebSocket). Connections and packet sizes
/// are bounded before the broker sees anything.
/// </summary>
internal sealed class BrokerAdapter : IMqttServerAdapter
{
    public const int MaxConnections = 256;
    public const int MaxPacket = 128 * 1024;

    private readonly TcpListener _listener;
    private readonly DropCounters _drops;
    private readonly ConcurrentDictionary<Task, byte> _serving = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _accepting = Task.CompletedTask;
    private IMqttNetLogger _logger = MqttNetNullLogger.Instance;
    private int _connections;

    /// <summary>Takes the port at once, so that it is known; whoever connects waits until the broker runs.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public BrokerAdapter(int port, DropCounters drops)
    {
        _drops = drops;
        _listener = new(IPAddress.Loopback, port);
        _listener.Start(backlog: 64);
    }

    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Task StartAsync(MqttServerOptions options, IMqttNetLogger logger)
    {
        _logger = logger;
        _accepting = AcceptAsync();
        return Task.CompletedTask;
    }

    /// <summary>Stops accepting. The broker disconnects its clients afterwards, and <see cref="EndAsync"/> waits for them.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
    }

    public Task EndAsync() => Task.WhenAll(_serving.Keys);

    /// <summary>Speaks MQTT over the stream until either side ends it.</summary>
    public async Task ServeAsync(Stream stream, EndPoint remote)
    {
        if (ClientHandler is not { } handler || _stop.IsCancellationRequested)
            return;
        if (Interlocked.Increment(ref _connections) > MaxConnections)
        {
            Interlocked.Decrement(ref _connections);
            _drops.Count(Stage.Signaling, DropReason.TooMany);
            return;
        }

        try
        {
            using var channel = new BoundedMqttChannel(stream, remote, MaxPacket);
            using var adapter = new MqttChannelAdapter(channel, new MqttPacketFormatterAdapter(new MqttBufferWriter(4096, 65535)), _logger);
            await handler(adapter);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptSocketAsync(_stop.Token);
                socket.NoDelay = true;
                var serving = ServeSocketAsync(socket);
                _serving.TryAdd(serving, 0);
                _ = serving.ContinueWith(ended => _serving.TryRemove(ended, out _), TaskScheduler.Default);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // The client left between connecting and being accepted, or the process is out of descriptors.
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    private async Task ServeSocketAsync(Socket socket)
    {
        await Task.Yield();
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await ServeAsync(stream, socket.RemoteEndPoint ?? new IPEndPoint(IPAddress.Loopback, 0));
        }
        catch (Exception failure) when (failure is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The client is gone.
        }
    }
}
