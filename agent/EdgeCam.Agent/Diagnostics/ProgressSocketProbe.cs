using System.Net;
using System.Net.Sockets;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// Asks .NET's socket engine for a sign of life: one thread waits in epoll for all asynchronous sockets of the process, and where it is dead
/// MQTT and HTTP stand still while pictures go on, which from here looks like a dead network. So a datagram is sent to ourselves now and then,
/// and received as MQTT's packets are.
/// </summary>
/// <remarks>
/// A datagram that lies in the socket's queue and is not handed out is the engine's fault. One that is not there was lost on the way, by a
/// firewall for one, and says nothing. On a machine with less than 60 cores there is one engine (SocketAsyncEngine.EngineCount), so that
/// this socket has the same as all others.
/// </remarks>
internal sealed class ProgressSocketProbe(Progress progress, TimeProvider time, ILogger<ProgressSocketProbe> log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private bool _isLogged;
    private int _answers;

    /// <summary>Datagrams that came back.</summary>
    public int Answers => Volatile.Read(ref _answers);

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                try
                {
                    using var socket = Open();
                    while (true)
                        await AskAsync(socket, stop);
                }
                catch (SocketException failure)
                {
                    // Loopback is down, or no socket to be had: not what is asked here.
                    if (!_isLogged)
                        log.ProbeFailed(failure.Message);
                    _isLogged = true;
                    progress.Rest();
                    await Task.Delay(Interval, time, stop);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        progress.Rest();
    }

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            socket.Connect(socket.LocalEndPoint!); // to itself: the kernel lets in nothing of anybody else
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AskAsync(Socket socket, CancellationToken stop)
    {
        // Before it is sent: what is there already is handed out without the engine.
        var receiving = socket.ReceiveAsync(new byte[1], SocketFlags.None, stop).AsTask();
        socket.Send([1]);
        progress.Within(s_patience);
        while (true)
        {
            var soon = Task.Delay(Interval, time, stop);
            if (await Task.WhenAny(receiving, soon) == receiving)
                break;
            await soon;
            if (receiving.IsCompleted)
                break;
            if (socket.Available > 0)
                continue; // it is there, and nobody hands it out
            socket.Send([1]);
            progress.Within(s_patience);
        }

        await receiving;
        Interlocked.Increment(ref _answers);
        await Task.Delay(Interval, time, stop);
    }
}
