using System.Net.Sockets;

namespace EdgeCam.Sims.Common;

/// <summary>A listening unix stream socket that removes its file when it goes, and what an earlier run left in its place when it comes.</summary>
internal sealed class UnixListener : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _path;

    public UnixListener(string path)
    {
        _path = path;
        File.Delete(path);
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen(16);
    }

    /// <summary>Serves each connection until its peer closes it or all shall stop.</summary>
    public async Task ServeAsync(Func<NetworkStream, CancellationToken, Task> serve, CancellationToken stop)
    {
        var running = new List<Task>();
        try
        {
            while (true)
            {
                var connection = await _socket.AcceptAsync(stop);
                running.RemoveAll(task => task.IsCompleted);
                running.Add(Serve(connection));
            }
        }
        catch (OperationCanceledException)
        {
        }

        await Task.WhenAll(running);

        async Task Serve(Socket connection)
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            try
            {
                await serve(stream, stop);
            }
            catch (Exception gone) when (gone is IOException or OperationCanceledException)
            {
                // the peer closed, or we are about to
            }
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(_path);
    }
}
