using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace EdgeCam.Agent.Tests.Mqtt;

/// <summary>
/// Stands before a broker and makes it old: refuses every CONNECT of MQTT 5, as brokers of before 2018 do (CONNACK with return code 1, in
/// 3.1.1's format), or just hangs up. When it goes, the connections through it break.
/// </summary>
internal sealed class BrokerProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private volatile int _generation;
    private volatile TaskCompletionSource _break = new();

    /// <param name="isBlind">It does not look into what it carries, as that is TLS.</param>
    public BrokerProxy(int port, bool isOld = false, bool hangsUp = false, bool isBlind = false)
    {
        _listener.Start();
        _accepting = AcceptAsync(port, isOld, hangsUp, isBlind);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The protocol levels that were tried.</summary>
    public ConcurrentQueue<int> Versions { get; } = new();

    /// <summary>The connections there are stay open and carry nothing more, as when an address has gone; new ones are well.</summary>
    public void Freeze() => Interlocked.Increment(ref _generation);

    /// <summary>The connections there are end, without a DISCONNECT of either side; new ones are well.</summary>
    public void Break()
    {
        var former = _break;
        _break = new();
        former.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(int port, bool isOld, bool hangsUp, bool isBlind)
    {
        List<Task> serving = [];
        try
        {
            while (true)
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token), port, isOld, hangsUp, isBlind));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client, int port, bool isOld, bool hangsUp, bool isBlind)
    {
        var (generation, end) = (_generation, _break.Task);
        using (client)
        using (var broker = new TcpClient())
        {
            var buffer = new byte[65536];
            try
            {
                var length = await client.GetStream().ReadAsync(buffer, _stop.Token);
                var name = Array.IndexOf(buffer, (byte)'M'); // "MQTT", and the level behind it
                int level = isBlind ? 5 : buffer[name + 4];
                Versions.Enqueue(level);
                if (isOld && level != 4)
                {
                    if (!hangsUp)
                        await client.GetStream().WriteAsync(new byte[] { 0x20, 2, 0, 1 }, _stop.Token);
                    return;
                }

                await broker.ConnectAsync(IPAddress.Loopback, port, _stop.Token);
                await broker.GetStream().WriteAsync(buffer.AsMemory(0, length), _stop.Token);
                await Task.WhenAny(CarryAsync(client, broker, generation), CarryAsync(broker, client, generation), end);
            }
            catch (Exception failure) when (failure is IOException or OperationCanceledException)
            {
                // One of them is gone.
            }
        }
    }

    private async Task CarryAsync(TcpClient from, TcpClient to, int generation)
    {
        var buffer = new byte[16384];
        while (await from.GetStream().ReadAsync(buffer, _stop.Token) is > 0 and var length)
        {
            if (generation != _generation)
                await Task.Delay(Timeout.Infinite, _stop.Token);
            await to.GetStream().WriteAsync(buffer.AsMemory(0, length), _stop.Token);
        }
    }
}
