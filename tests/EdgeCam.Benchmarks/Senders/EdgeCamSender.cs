using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.Benchmarks.Feed;
using EdgeCam.Benchmarks.Load;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>The agent, with a camera that is fed here; signaling by WHEP with its own broker on, or by MQTT over a broker of its own with neither.</summary>
internal sealed class EdgeCamSender : Sender
{
    private static readonly TimeSpan s_ready = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly Uri? _whep;
    private readonly SessionTopics? _topics;

    private EdgeCamSender(string name, ChildProcess process, string folder, Uri? whep, SessionTopics? topics)
        : base(name, process)
    {
        (_folder, _whep, _topics) = (folder, whep, topics);
    }

    /// <param name="program">The agent's file.</param>
    /// <param name="byMqtt">Over an external broker, and without HTTP.</param>
    public static async Task<EdgeCamSender> StartAsync(string name, string program, Clip clip, bool byMqtt)
    {
        var folder = Directory.CreateTempSubdirectory("edgecam-bench-").FullName;
        var pipe = Path.Combine(folder, "camera");
        Tool.Run("mkfifo", pipe);
        var topics = byMqtt ? await SessionTopics.StartAsync() : null;
        var sender = Start(name, program, folder, topics, new() { ["source"] = "exec:", ["command"] = new JsonArray("cat", pipe), ["encoder"] = "camera" });
        try
        {
            // Opening it waits until somebody reads.
            sender.Feed = new(clip, await Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0)).WaitAsync(s_ready), FeedFormat.Delimited);
            await sender.Process.WaitForAsync("Camera cam0: live", s_ready);
            return sender;
        }
        catch (Exception failure)
        {
            var log = sender.Process.Log;
            await sender.DisposeAsync();
            throw new InvalidOperationException($"{program} did not start: {failure.Message}\n{log}", failure);
        }
    }

    /// <summary>Plays a file by itself; it may not be ready yet.</summary>
    public static EdgeCamSender StartOnFile(string name, string program, string clip) =>
        Start(name, program, Directory.CreateTempSubdirectory("edgecam-bench-").FullName, null, new() { ["source"] = $"file:{clip}" });

    /// <summary>Asks until it is answered, and waits for the first IDR picture.</summary>
    public async Task JoinWhenReadyAsync(LoadLoop loop, LoadViewer viewer)
    {
        for (var since = Stopwatch.GetTimestamp(); ; await Task.Delay(1))
        {
            try
            {
                await JoinAsync(loop, viewer);
                break;
            }
            catch (Exception early) when (early is HttpRequestException or InvalidOperationException && Stopwatch.GetElapsedTime(since) < s_ready)
            {
                // It does not listen yet, or has no picture.
            }
        }

        while (viewer.FirstIdrAt == 0)
            await Task.Delay(1);
    }

    /// <summary>As Prometheus does; only where it serves HTTP.</summary>
    public Task<string> ReadMetricsAsync() => Http.GetStringAsync(new Uri(_whep!, "/metrics"));

    public override Task<Func<Task>> JoinAsync(LoadLoop loop, LoadViewer viewer) =>
        _topics is null ? JoinByHttpAsync(_whep!, loop, viewer) : _topics.JoinAsync(loop, viewer);

    private static EdgeCamSender Start(string name, string program, string folder, SessionTopics? topics, JsonObject camera)
    {
        camera["name"] = "cam0";
        var http = FreePort.Tcp();
        var configuration = new JsonObject
        {
            ["device"] = new JsonObject { ["id"] = SessionTopics.Device, ["stateFolder"] = Path.Combine(folder, "state") },
            ["security"] = new JsonObject { ["access"] = "open" },
            ["cameras"] = new JsonArray(camera),
            ["mqtt"] = topics is not null
                ? new JsonObject { ["broker"] = topics.Url }
                : new JsonObject { ["embedded"] = new JsonObject { ["port"] = FreePort.Tcp() } },
            ["http"] = topics is not null ? new JsonObject { ["enabled"] = false } : new JsonObject { ["bind"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{http}") },
            ["peers"] = new JsonObject { ["port"] = FreePort.Udp(), ["maxViewers"] = 1000, ["maxSessionsPerViewer"] = 1000, ["offersPerMinute"] = 6000 },
        };
        var file = Path.Combine(folder, "edgecam.json");
        File.WriteAllText(file, configuration.ToJsonString());
        return new(name, ChildProcess.Start(program, ["run", "--config", file]), folder, topics is null ? new($"http://127.0.0.1:{http}/whep/cam0") : null, topics);
    }

    protected override void Clean()
    {
        _topics?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
