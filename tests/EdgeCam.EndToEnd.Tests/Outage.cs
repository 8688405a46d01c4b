using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EdgeCam.Agent.Tests.Support;
using MQTTnet;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>An agent at a broker that comes and goes, with somebody who watches by MQTT and somebody who watches by WHEP.</summary>
internal sealed partial class Outage : IAsyncDisposable
{
    private readonly Mosquitto _broker = new();
    private AgentProcess? _agent;
    private Operator? _watcher;
    private LoadViewer? _viewer;
    private int _frames;

    public AgentProcess Agent => _agent!;

    public static async Task<Outage> StartAsync()
    {
        Workplace.Need(Tool.Mosquitto, Tool.Node);
        var outage = new Outage();
        try
        {
            await outage._broker.StartAsync();
            outage._agent = await AgentProcess.StartAsync(new(Width: 640, Height: 360, Bitrate: 600_000, Broker: $"mqtt://127.0.0.1:{outage._broker.Port}", Adjust: configuration =>
                configuration["log"] = new JsonObject { ["level"] = "debug" }));
            await Wait.UntilAsync(() => outage.Agent.Log.Contains("connected, MQTT 5", StringComparison.Ordinal), "connected");
            outage._watcher = await Operator.ConnectAsync(outage.Agent);
            outage._viewer = await LoadViewer.JoinAsync(outage.Agent.Whep());
            await outage._viewer.WaitForPictureAsync(TimeSpan.FromSeconds(20));
            outage._frames = await outage.FramesAsync();
            return outage;
        }
        catch
        {
            await outage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the broker, as the kernel does, and starts it again.</summary>
    /// <returns>From the moment when it answered until the device was heard; and how often it said that it is online.</returns>
    public async Task<(TimeSpan Back, int Said)> RunAsync(TimeSpan away)
    {
        _broker.Kill();
        await Task.Delay(away);
        await _broker.StartAsync();
        var started = Stopwatch.StartNew();
        await using var listener = new TestClient();
        Assert.Equal(MqttClientConnectResultCode.Success, await listener.TryConnectAsync(TestClient.Options(_broker.Port, "listener")));
        await listener.SubscribeAsync($"edgecam/v1/{Agent.Device}/status");
        await Wait.UntilAsync(() => listener.Received.Any(IsOnline), () => $"the device is back\n{Agent.Log}", seconds: 60);
        var back = started.Elapsed;
        await listener.SubscribeAsync($"edgecam/v1/{Agent.Device}/rpc/listener/response");
        await listener.PublishAsync($"edgecam/v1/{Agent.Device}/rpc/listener/request", "x"); // that this is no request, it answers
        await Wait.UntilAsync(() => listener.Received.Any(message => message.Topic.EndsWith("/response", StringComparison.Ordinal)), "an answer");
        return (back, listener.Received.Count(IsOnline));
    }

    /// <summary>The waits between attempts, as the log has them.</summary>
    public IReadOnlyList<double> Gaps() => [.. WaitInLog().Matches(Agent.Log).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    /// <summary>Neither of the two noticed anything, and neither is there twice.</summary>
    public async Task<string> MustBeUntouchedAsync(TimeSpan since)
    {
        var frames = await FramesAsync() - _frames;
        var health = await Agent.GetHealthAsync();
        var video = await _watcher!.VideoAsync();
        var words = string.Create(CultureInfo.InvariantCulture, $"{frames / since.TotalSeconds:F1} frames/s by MQTT's session, gaps {video["gaps"]}, {_viewer!.Missing} packets missing by WHEP's, {health["viewers"]} viewers");
        Assert.Null(_viewer.Failure);
        Assert.True(frames > since.TotalSeconds * (Workplace.IsSoak ? 25 : 3), words); // of 30 in a second, where the machine has the time
        Assert.Equal((0, 0, 2), (video["gaps"]!.GetValue<int>(), _viewer.Missing, health["viewers"]!.GetValue<int>()));
        return words;
    }

    public async ValueTask DisposeAsync()
    {
        _viewer?.Dispose();
        if (_watcher is not null)
            await _watcher.DisposeAsync();
        if (_agent is not null)
            await _agent.DisposeAsync();
        await _broker.DisposeAsync();
    }

    private static bool IsOnline((string Topic, string Text, bool Retained) message) => message.Text.Contains("\"online\":true", StringComparison.Ordinal);

    private async Task<int> FramesAsync() => (await _watcher!.VideoAsync())["frames"]!.GetValue<int>();

    [GeneratedRegex(@"next attempt within (\d+\.\d) s")]
    private static partial Regex WaitInLog();
}
