using System.Diagnostics;
using System.Net.Sockets;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>A real broker on a loopback port of its own, which can be killed and started again.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private const string Executable = "/usr/sbin/mosquitto";

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-mosquitto").FullName;
    private Process? _process;

    public int Port { get; } = FreePort.Tcp();

    public static bool IsInstalled => File.Exists(Executable);

    public async Task StartAsync()
    {
        var configuration = Path.Combine(_folder, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration, $"listener {Port} 127.0.0.1\nallow_anonymous true\npersistence false\n");
        _process = Process.Start(new ProcessStartInfo(Executable, ["-c", configuration]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        await Wait.UntilAsync(Answers, "mosquitto answers");
    }

    /// <summary>SIGKILL: no DISCONNECT, no wills.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    public ValueTask DisposeAsync()
    {
        if (_process is not null)
            Kill();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private bool Answers()
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
