using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Tests.Cameras;

namespace EdgeCam.Agent.Tests.Sims;

/// <summary>A simulated device in a process of its own, with a directory for its sockets, asked through its control socket.</summary>
internal sealed class SimulatorProcess : IAsyncDisposable
{
    private readonly Process _process;

    private SimulatorProcess(Process process, string directory) => (_process, Directory) = (process, directory);

    public string Directory { get; }

    public string Wire => At("wire");

    public string View => At("view");

    private string Control => At("control");

    /// <param name="wire">The option that names the device's own wire.</param>
    public static async Task<SimulatorProcess> StartAsync(string verb, string wire, string more = "")
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("edgecam-sim-").FullName;
        var arguments = $"{verb} {wire} {directory}/wire --view {directory}/view --control {directory}/control {more}";
        var process = Process.Start(new ProcessStartInfo(CameraRig.Sims, arguments) { RedirectStandardOutput = true })!;
        var ready = await process.StandardOutput.ReadLineAsync().WaitAsync(CameraRig.Patience);
        Assert.Equal($"ready {directory}/wire", ready);
        return new(process, directory);
    }

    public string At(string name) => Path.Combine(Directory, name);

    public async Task<Socket> ConnectAsync(string? path = null)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path ?? Wire));
        return socket;
    }

    public async Task<JsonElement> AskAsync(string line)
    {
        using var socket = await ConnectAsync(Control);
        await socket.SendAsync(Encoding.UTF8.GetBytes(line + "\n"));
        using var reader = new StreamReader(new NetworkStream(socket));
        var answer = await reader.ReadLineAsync().WaitAsync(CameraRig.Patience);
        return JsonDocument.Parse(answer!).RootElement.Clone();
    }

    /// <summary>Asks again and again until the state is as it shall be.</summary>
    public async Task<JsonElement> WaitForAsync(Func<JsonElement, bool> condition)
    {
        var since = Stopwatch.GetTimestamp();
        while (true)
        {
            var state = await AskAsync("state");
            if (condition(state))
                return state;
            Assert.True(Stopwatch.GetElapsedTime(since) < CameraRig.Patience, state.ToString());
            await Task.Delay(5);
        }
    }

    public static async Task<byte[]> ReadAsync(Func<Memory<byte>, Task<int>> read, int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var count = await read(bytes.AsMemory(at)).WaitAsync(CameraRig.Patience);
            Assert.True(count > 0, $"the other side closed after {at} of {length} bytes");
            at += count;
        }

        return bytes;
    }

    /// <summary>Ends it as a service manager would.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", $"-TERM {_process.Id}");
        await _process.WaitForExitAsync().WaitAsync(CameraRig.Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
