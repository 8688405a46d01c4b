using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>The service manager's end of sd_notify(3): keeps what it is told, and when.</summary>
internal sealed class NotifySocket : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Task _receiving;

    /// <param name="name">What goes into NOTIFY_SOCKET: a path, or <c>@</c> and a name in the abstract namespace.</param>
    public NotifySocket(string name)
    {
        Name = name;
        _socket.Bind(new UnixDomainSocketEndPoint(name[0] == '@' ? "\0" + name[1..] : name));
        _receiving = Task.Factory.StartNew(Receive, TaskCreationOptions.LongRunning);
    }

    public string Name { get; }

    public ConcurrentQueue<(string State, long At)> Said { get; } = new();

    public int Count(string start) => Said.Count(said => said.State.StartsWith(start, StringComparison.Ordinal));

    /// <summary>The longest silence between two signs of life.</summary>
    public TimeSpan LongestSilence()
    {
        var beats = Said.Where(said => said.State == "WATCHDOG=1").Select(said => said.At).Append(Stopwatch.GetTimestamp()).ToArray();
        return beats.Zip(beats.Skip(1)).Select(pair => Stopwatch.GetElapsedTime(pair.First, pair.Second)).Max();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _receiving.Wait();
    }

    private void Receive()
    {
        var buffer = new byte[8192];
        try
        {
            while (true)
            {
                var count = _socket.Receive(buffer);
                Said.Enqueue((Encoding.UTF8.GetString(buffer, 0, count), Stopwatch.GetTimestamp()));
            }
        }
        catch (SocketException)
        {
            // Disposed.
        }
        catch (ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
