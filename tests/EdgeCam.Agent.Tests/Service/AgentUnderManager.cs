using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Cameras;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Service;

/// <summary>The built agent with a simulated camera, started as systemd starts it.</summary>
internal sealed class AgentUnderManager : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-service-").FullName;
    private readonly StringBuilder _log = new();
    private readonly Process _process;

    /// <param name="watchdog">For WATCHDOG_USEC.</param>
    /// <param name="isAbstract">Whether the socket has no place in the file system.</param>
    public AgentUnderManager(TimeSpan watchdog, bool isAbstract = false, string[]? command = null)
    {
        Manager = new(isAbstract ? $"@{Path.GetFileName(_folder)}" : Path.Combine(_folder, "notify"));
        var configuration = new JsonObject
        {
            ["device"] = new JsonObject { ["id"] = "dev", ["stateFolder"] = Path.Combine(_folder, "state") },
            ["security"] = new JsonObject { ["access"] = "open" },
            ["cameras"] = new JsonArray(new JsonObject
            {
                ["name"] = "cam0", ["source"] = "rpicam:0", ["width"] = 320, ["height"] = 240, ["frameRate"] = 15, ["bitrate"] = 300_000, ["stallTimeoutSeconds"] = 1,
                ["command"] = new JsonArray([.. (command ?? [CameraRig.Sims, "camera"]).Select(static word => (JsonNode)word)]),
            }),
            ["mqtt"] = new JsonObject { ["embedded"] = new JsonObject { ["port"] = FreePort.Tcp() } },
            ["http"] = new JsonObject { ["enabled"] = false },
            ["peers"] = new JsonObject { ["port"] = FreePort.Udp() },
        };
        var file = Path.Combine(_folder, "edgecam.json");
        File.WriteAllText(file, configuration.ToJsonString());
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "edgecam"), ["run", "--config", file]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NOTIFY_SOCKET"] = Manager.Name;
        start.Environment["WATCHDOG_USEC"] = ((long)watchdog.TotalMicroseconds).ToString(CultureInfo.InvariantCulture);
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public NotifySocket Manager { get; }

    public int Id => _process.Id;

    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public static void Signal(int id, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Until the manager was told something that begins so, so many times.</summary>
    public Task ToldAsync(string start, int times = 1) => Wait.UntilAsync(
        () => Manager.Count(start) >= times, () => $"{start} {times} times; it was told:\n{string.Join('\n', Manager.Said.Select(said => said.State))}\n{Log}", seconds: 40);

    /// <summary>The camera's process, which it started itself.</summary>
    public int Camera() => Assert.Single(Cameras());

    /// <summary>A camera's process is gone, its log says why, and another has given a picture.</summary>
    public async Task CameraAgainAsync(int gone, string why)
    {
        await Wait.UntilAsync(() => Log.Contains(why, StringComparison.Ordinal) && Cameras() is [var other] && other != gone, $"another camera after: {why}", seconds: 40);
        var lost = Log.LastIndexOf(why, StringComparison.Ordinal);
        await Wait.UntilAsync(() => Log.IndexOf("Camera cam0: live", lost, StringComparison.Ordinal) > 0, "its picture", seconds: 40);
    }

    public static string Environment(int id) => File.ReadAllText($"/proc/{id}/environ");

    /// <summary>As systemd stops it.</summary>
    public async Task<int> StopAsync()
    {
        Signal(Id, "TERM");
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        Manager.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private int[] Cameras() =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(static name => name!.All(char.IsAsciiDigit))
            .Select(static name => int.Parse(name!, CultureInfo.InvariantCulture)).Where(IsCamera),
    ];

    private bool IsCamera(int id)
    {
        try
        {
            // The name stands in brackets and may hold anything; the parent's id is the second field after it (proc(5)).
            var status = File.ReadAllText($"/proc/{id}/stat");
            return status[(status.LastIndexOf(')') + 2)..].Split(' ')[1] == Id.ToString(CultureInfo.InvariantCulture)
                && File.ReadAllText($"/proc/{id}/cmdline").Contains("edgecam-sims", StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }
}
