using System.Diagnostics;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>An operator's file and a state folder, for one agent after another, and operators who ask it by MQTT.</summary>
internal sealed class ConfiguredPlace : IDisposable
{
    /// <summary>What the operator's file says.</summary>
    public const int First = 100;

    private static readonly string[] s_levels = ["debug", "information", "warning", "error"];

    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-kills-").FullName;
    private readonly int _broker;
    private readonly string _device;
    private readonly string[] _drafts;
    private int _requests;

    public ConfiguredPlace(int broker, string device)
    {
        (_broker, _device) = (broker, device);
        _drafts = [.. new[] { "config.json", "config.trial.json", "config.last-good.json" }.Select(name => Path.Combine(State, name + ".draft"))];
        var content = new JsonObject
        {
            ["device"] = new JsonObject { ["id"] = device, ["stateFolder"] = State },
            ["security"] = new JsonObject { ["access"] = "open" },
            ["http"] = new JsonObject { ["enabled"] = false },
            ["cameras"] = new JsonArray(new JsonObject { ["name"] = "cam0", ["source"] = $"file:{Path.Combine(Workplace.Root, "deploy", "clip", "panorama.h264")}" }),
            ["mqtt"] = new JsonObject { ["broker"] = $"mqtt://127.0.0.1:{broker}" },
            ["log"] = new JsonObject { ["level"] = s_levels[0] },
            ["peers"] = new JsonObject { ["port"] = 0, ["maxViewers"] = First },
        };
        System.IO.File.WriteAllText(File, content.ToJsonString());
        Reset();
    }

    public string File => Path.Combine(_folder, "edgecam.json");

    public string State => Path.Combine(_folder, "state");

    /// <summary>A file is being written, or was when its writer ended.</summary>
    public bool HasDraft => _drafts.Any(System.IO.File.Exists);

    /// <summary>Settings that belong together: the level goes with the number.</summary>
    public static JsonObject Patch(int number) => new()
    {
        ["log"] = new JsonObject { ["level"] = s_levels[number % 4] },
        ["peers"] = new JsonObject { ["maxViewers"] = number },
    };

    /// <summary>The number in settings, or -1 where they are a mix of two.</summary>
    public static int NumberOf(JsonNode values)
    {
        var number = values["peers"]!["maxViewers"]!.GetValue<int>();
        return s_levels[number % 4] == values["log"]!["level"]!.GetValue<string>() ? number : -1;
    }

    public void RemoveDrafts() => Array.ForEach(_drafts, System.IO.File.Delete);

    /// <summary>From the operator's number on again, since there is an end to them.</summary>
    public int Reset()
    {
        if (Directory.Exists(State))
            Directory.Delete(State, recursive: true);
        Directory.CreateDirectory(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return First;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>An operator, and the agent is there, too.</summary>
    public async Task<TestClient> ConnectAsync(ChildProcess agent, string who = "ann")
    {
        var client = await TestClient.ConnectAsync(_broker, $"{who}-{_device}");
        await client.SubscribeAsync($"edgecam/v1/{_device}/rpc/{who}/response");
        await client.SubscribeAsync($"edgecam/v1/{_device}/status");
        await Wait.UntilAsync(
            () => client.Received.LastOrDefault(message => message.Topic.EndsWith("/status", StringComparison.Ordinal)).Text?.Contains("\"online\":true", StringComparison.Ordinal) == true,
            () => $"the agent is at its broker; exited: {agent.HasExited}; heard: {string.Join(' ', client.Received.Select(static message => message.Text))}\n{agent.Log}", seconds: 120);
        return client;
    }

    /// <summary>Asks until there is an answer: a retained status may be of the agent before.</summary>
    public async Task<JsonNode> CallAsync(TestClient client, ChildProcess agent, string method)
    {
        for (var began = Stopwatch.StartNew(); began.Elapsed < TimeSpan.FromSeconds(120) && !agent.HasExited;)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            if (await CallAsync(client, agent, method, [], patience.Token) is { } answer)
                return answer;
        }

        throw new Xunit.Sdk.XunitException($"no answer to {method}; exited: {agent.HasExited}\n{agent.Log}");
    }

    /// <summary>The result or the error; null where it was stopped before there was one.</summary>
    public async Task<JsonNode?> CallAsync(TestClient client, ChildProcess agent, string method, JsonObject parameters, CancellationToken stop, string who = "ann")
    {
        var id = Interlocked.Increment(ref _requests);
        var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters };
        try
        {
            await client.PublishAsync($"edgecam/v1/{_device}/rpc/{who}/request", request.ToJsonString());
            var began = Stopwatch.StartNew();
            for (var isOver = false; ; await Task.Delay(isOver ? 20 : 1, stop)) // what it said last is on its way when it is gone
            {
                var wasOver = isOver;
                isOver = agent.HasExited || began.Elapsed > TimeSpan.FromSeconds(10);
                while (client.Received.TryDequeue(out var message))
                {
                    if (message.Topic.EndsWith("/response", StringComparison.Ordinal) && JsonNode.Parse(message.Text) is { } answer && answer["id"]?.GetValue<int>() == id)
                        return answer["result"] ?? answer["error"];
                }

                if (wasOver)
                    return null;
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or MQTTnet.Exceptions.MqttCommunicationException or MQTTnet.Exceptions.MqttClientDisconnectedException)
        {
            return null; // it was killed
        }
    }
}
