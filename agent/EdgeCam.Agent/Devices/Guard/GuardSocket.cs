using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace EdgeCam.Agent.Devices.Guard;

/// <summary>Where <c>edgecam safe</c> finds a running guard: a unix socket that only the agent's user may use.</summary>
/// <remarks>Whoever sends the line <c>safe</c> has everything made safe, and reads a line per port that says how it went.</remarks>
internal sealed class GuardSocket : IDisposable
{
    public const string Name = "guard.sock";

    private const string End = "end";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private static readonly byte[] s_request = "safe\n"u8.ToArray();

    private readonly string _path;
    private readonly Socket _socket;
    private readonly GuardHost _host;

    private GuardSocket(string path, Socket socket, GuardHost host)
    {
        (_path, _socket, _host) = (path, socket, host);
        new Thread(Run) { IsBackground = true, Name = "guard socket" }.Start();
    }

    /// <returns>Null where the folder cannot be written to, or another guard listens there: then there is no such way in.</returns>
    public static GuardSocket? TryListen(string path, GuardHost host)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            if (File.Exists(path) && !IsListening(path))
                File.Delete(path);
            socket.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite); // before anybody can connect
            socket.Listen(4);
            return new(path, socket, host);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
        {
            socket.Dispose();
            host.Log($"edgecam safe cannot reach the guard: {path}: {failure.Message}");
            return null;
        }
    }

    /// <summary>Has the guard that listens there make everything safe.</summary>
    /// <returns>What it says, a line per port; null where there is none.</returns>
    public static IReadOnlyList<string>? TryAsk(string path)
    {
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.Send(s_request);
            socket.ReceiveTimeout = (int)(s_patience.TotalMilliseconds * 2);
            using var reader = new StreamReader(new NetworkStream(socket, ownsSocket: false));
            var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return lines is [.., End] ? lines[..^1] : null;
        }
        catch (Exception failure) when (failure is SocketException or IOException or ArgumentException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(_path);
    }

    private static bool IsListening(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException)
        {
            return false; // left behind by a guard that was killed
        }
    }

    private void Run()
    {
        while (true)
        {
            try
            {
                using var caller = _socket.Accept();
                caller.SendTimeout = caller.ReceiveTimeout = (int)s_patience.TotalMilliseconds;
                if (IsRequest(caller))
                    caller.Send(Encoding.UTF8.GetBytes(MakeSafe()));
            }
            catch (SocketException)
            {
                // That caller has gone.
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static bool IsRequest(Socket caller)
    {
        Span<byte> request = stackalloc byte[s_request.Length];
        for (var length = 0; length < request.Length;)
        {
            var count = caller.Receive(request[length..]);
            if (count == 0)
                return false;
            length += count;
        }

        return request.SequenceEqual(s_request);
    }

    private string MakeSafe()
    {
        var listed = new TaskCompletionSource<IReadOnlyList<GuardPort>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Post(() => listed.SetResult(_host.TripAndList("asked for by edgecam safe")));
        if (!listed.Task.Wait(s_patience))
            return "";
        var began = Stopwatch.GetTimestamp();
        var text = new StringBuilder();
        foreach (var port in listed.Task.Result)
        {
            var rest = s_patience - Stopwatch.GetElapsedTime(began);
            var isSettled = port.WaitSettled(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
            text.Append(SafeReport.Line(port.Plan, isSettled ? port.Unsafe : SafeReport.NoAnswer)).Append('\n');
        }

        return text.Append(End).Append('\n').ToString();
    }
}
