using System.Globalization;
using System.Text.Json.Nodes;
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
    /// <param name="adjust">Sees the configuration.</param>
    public static async Task<EdgeCamSender> StartAsync(string name, string program, Clip clip, bool byMqtt, Action<JsonObject>? adjust = null)
    {
        var folder = Directory.CreateTempSubdirectory("edgecam-bench-").FullName;
        var pipe = Path.Combine(folder, "camera");
        Tool.Run("mkfifo", pipe);
        var http = FreePort.Tcp();
        var topics = byMqtt ? await SessionTopics.StartAsync() : null;
        var configuration = new JsonObject
        {
            ["device"] = new JsonObject { ["id"] = SessionTopics.Device, ["stateFolder"] = Path.Combine(folder, "state") },
            ["security"] = new JsonObject { ["access"] = "open" },
            ["cameras"] = new JsonArray(new JsonObject { ["name"] = "cam0", ["source"] = "exec:", ["command"] = new JsonArray("cat", pipe), ["encoder"] = "camera" }),
            ["mqtt"] = topics is not null
                ? new JsonObject { ["broker"] = topics.Url }
                : new JsonObject { ["embedded"] = new JsonObject { ["port"] = FreePort.Tcp() } },
            ["http"] = topics is not null ? new JsonObject { ["enabled"] = false } : new JsonObject { ["bind"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{http}") },
            ["peers"] = new JsonObject { ["port"] = FreePort.Udp(), ["maxViewers"] = 1000, ["maxSessionsPerViewer"] = 1000, ["offersPerMinute"] = 6000 },
        };
        adjust?.Invoke(configuration);
        var file = Path.Combine(folder, "edgecam.json");
        await File.WriteAllTextAsync(file, configuration.ToJsonString());
        var process = ChildProcess.Start(program, ["run", "--config", file]);
        var sender = new EdgeCamSender(name, process, folder, topics is null ? new($"http://127.0.0.1:{http}/whep/cam0") : null, topics);
        try
        {
            // Opening it waits until somebody reads.
            sender.Feed = new(clip, await Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, 0)).WaitAsync(s_ready), FeedFormat.Delimited);
            await process.WaitForAsync("Camera cam0: live", s_ready);
            return sender;
        }
        catch (Exception failure)
        {
            var log = process.Log;
            await sender.DisposeAsync();
            throw new InvalidOperationException($"{program} did not start: {failure.Message}\n{log}", failure);
        }
    }

    public override Task<Func<Task>> JoinAsync(LoadLoop loop, LoadViewer viewer) =>
        _topics is null ? JoinByHttpAsync(_whep!, loop, viewer) : _topics.JoinAsync(loop, viewer);

    protected override void Clean()
    {
        _topics?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
