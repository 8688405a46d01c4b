using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>A device in a namespace, and a broker in another at the end of a cable; a viewer comes by a second link of the device.</summary>
internal sealed class CableScene : IAsyncDisposable
{
    private const string ViewerAddress = "10.7.0.2";

    private readonly NetNamespace _far = new($"{Leftovers.Prefix}far");
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-cable-").FullName;
    private ChildProcess? _broker;
    private AgentProcess? _agent;
    private HttpClient? _http;
    private LoadViewer? _viewer;

    public NetNamespace Device { get; } = new($"{Leftovers.Prefix}near");

    public AgentProcess Agent => _agent!;

    public LoadViewer Viewer => _viewer!;

    public static async Task<CableScene> StartAsync(int keepAliveSeconds)
    {
        Leftovers.Need();
        Workplace.Need(Tool.Mosquitto, Tool.Nft);
        var scene = new CableScene();
        try
        {
            await scene.BuildAsync(keepAliveSeconds);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>How long it took from now.</summary>
    public async Task<TimeSpan> UntilBackAsync(int connections)
    {
        var began = Stopwatch.StartNew();
        await Wait.UntilAsync(() => Regex.Count(Agent.Log, "connected, MQTT 5") >= connections, () => $"connection {connections}\n{Agent.Log}", seconds: 30);
        return began.Elapsed;
    }

    /// <summary>The picture went on.</summary>
    public void MustBeUntouched(int before, TimeSpan since)
    {
        Assert.Null(Viewer.Failure);
        Assert.True(Viewer.Pictures - before > since.TotalSeconds * (Workplace.IsSoak ? 25 : 3), $"{Viewer.Pictures - before} pictures in {since}"); // of 30 in a second, where the machine has the time
        Assert.Equal(0, Viewer.Missing);
    }

    public async ValueTask DisposeAsync()
    {
        _viewer?.Dispose();
        _http?.Dispose();
        if (_agent is not null)
            await _agent.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        Device.Delete();
        _far.Delete();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task BuildAsync(int keepAliveSeconds)
    {
        Device.Ip($"link add eth0 type veth peer name eth0 netns {_far.Name}");
        _far.Ip("addr add 10.6.0.1/24 dev eth0");
        _far.Ip("link set eth0 up");
        Device.Ip("addr add 10.6.0.2/24 dev eth0");
        Device.Ip("link set eth0 up");
        Device.Ip("link add second type veth peer name wire0");
        Device.Ip("link set wire0 up");
        Device.Ip($"addr add {ViewerAddress}/24 dev second");
        Device.Ip("link set second up");

        var configuration = Path.Combine(_folder, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration, "user root\nlistener 1883\nallow_anonymous true\npersistence false\n");
        _broker = _far.Start("/usr/sbin/mosquitto", ["-c", configuration]);
        await Wait.UntilAsync(() => NetworkPort.Answers(_far, 1883, "10.6.0.1"), "mosquitto answers");

        _agent = await AgentProcess.StartAsync(new(Width: 640, Height: 360, Bitrate: 600_000, Broker: "mqtt://10.6.0.1:1883", Namespace: Device, Adjust: content =>
        {
            content["mqtt"]!["keepAliveSeconds"] = keepAliveSeconds;
            content["log"] = new JsonObject { ["level"] = "debug" };
        }));
        await UntilBackAsync(connections: 1);
        _http = await Agent.HttpWithTokenAsync(TimeSpan.FromSeconds(10));
        _viewer = await LoadViewer.JoinAsync(Agent.Whep(), _http, Device, ViewerAddress);
        await Viewer.WaitForPictureAsync(TimeSpan.FromSeconds(20));
    }
}
