using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>Settings over MQTT, of a real process that is killed and cut off.</summary>
public sealed class SettingsTests
{
    private const int TooMany = -32029;

    private static readonly string[] s_levels = ["debug", "information", "warning", "error"];
    private static readonly TimeSpan s_longestStart = TimeSpan.FromSeconds(5); // of a processor: how much of one it gets is not its affair

    private static int Kills => int.TryParse(Environment.GetEnvironmentVariable("EDGECAM_KILLS"), out var kills) ? kills : Workplace.IsSoak ? 1000 : 10;

    /// <summary>
    /// SIGKILL while one setting after another is written: what is there afterwards is what was acknowledged last or the one after it, never a
    /// mix of two, and the agent starts by it.
    /// </summary>
    [Fact]
    public async Task Killed_while_it_writes_it_has_the_old_settings_or_the_new_ones()
    {
        var random = new Random(11);
        Workplace.Need(Tool.Mosquitto);
        await using var broker = new Mosquitto();
        await broker.StartAsync();
        using var place = new Place(broker.Port);
        var (number, inWriting, slowest) = (Place.First, 0, TimeSpan.Zero);
        for (var kill = 0; kill < Kills; kill++)
        {
            await using var agent = ChildProcess.Start(Workplace.Agent, ["run", "--config", place.File]);
            await using var client = await place.ConnectAsync();
            var told = await place.CallAsync(client, agent, "config.get");
            var start = await UsedAsync(agent.Id);
            slowest = start > slowest ? start : slowest;
            Assert.Equal(number, NumberOf(told["values"]!));
            using var stop = new CancellationTokenSource();
            var (acknowledged, sent) = (number, number);
            var isTrial = kill % 4 == 3; // a setting that goes by a trial, too
            var writing = Task.Run(async () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    sent = acknowledged + 1;
                    var patch = Patch(sent);
                    if (isTrial)
                        patch["device"] = new JsonObject { ["name"] = $"Porch {sent}" };
                    if (await place.CallAsync(client, agent, "config.set", new() { ["patch"] = patch }, stop.Token) is not { } answer)
                        return;
                    if (answer["code"]?.GetValue<int>() == TooMany)
                        await Task.Delay(50, CancellationToken.None); // a client has 20 requests a second, after the first 40
                    else if (answer["code"] is not null)
                        return; // on trial
                    else
                        acknowledged = sent;
                }
            }, CancellationToken.None);
            await Task.Delay(random.Next(isTrial ? 40 : 250), CancellationToken.None);
            await ChildProcess.SignalAsync(agent.Id, "KILL");
            Assert.True(await agent.WaitForExitAsync(TimeSpan.FromSeconds(10)));
            await stop.CancelAsync();
            await writing;

            var found = LayeredConfiguration.Load(place.File);
            Assert.True(found.Options is not null && found.RemoteMistakes.Count == 0, $"kill {kill}: {string.Join('\n', found.Mistakes.Concat(found.RemoteMistakes))}\n{agent.Log}");
            number = found.Options.Peers.MaxViewers;
            Assert.True(number == acknowledged || number == sent, $"kill {kill}: {number}, where {acknowledged} was acknowledged and {sent} sent");
            Assert.Equal((s_levels[number % 4], number), (found.Options.Log.Level, NumberOf(EffectiveConfiguration.Values(found.Options))));
            inWriting += Directory.GetFiles(place.State, "*.draft").Length > 0 || number > acknowledged ? 1 : 0;
            if (kill == 0)
                Assert.Equal(0, await RunAsync("check", "--origins", "--config", place.File));
            if (found.Layer == SettingsLayer.Trial)
            {
                var keeper = new SettingsKeeper(place.File, TimeProvider.System); // as a start does
                Assert.Equal((1, number), (keeper.Trial!.Starts, NumberOf(EffectiveConfiguration.Values(keeper.Options))));
                keeper.Confirm();
            }

            if (number > 900)
                number = place.Reset();
        }

        TestContext.Current.SendDiagnosticMessage($"{Kills} kills, {inWriting} of them between a request and its answer; the dearest start took {slowest.TotalSeconds:0.0} s of a processor");
        Assert.True(slowest < s_longestStart, $"a start took {slowest.TotalSeconds:0.0} s of a processor");
    }

    /// <summary>The real five minutes, with a viewer's stream going on.</summary>
    [Fact]
    public async Task A_setting_that_cuts_it_off_is_rolled_back_within_five_minutes()
    {
        Assert.SkipUnless(Workplace.IsSoak, "takes five minutes: run.sh --soak Settings");
        Workplace.Need(Tool.Mosquitto);
        await using var broker = new Mosquitto();
        await broker.StartAsync();
        await using var agent = await AgentProcess.StartAsync(new(Broker: $"mqtt://127.0.0.1:{broker.Port}", Access: "open"));
        using var viewer = await LoadViewer.JoinAsync(agent.Whep());
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(20));
        await using var ann = await TestClient.ConnectAsync(broker.Port, "ann");
        await ann.SubscribeAsync("edgecam/v1/e2e/event/config");
        var began = Stopwatch.StartNew();
        await ann.PublishAsync("edgecam/v1/e2e/rpc/ann/request", $$$$$"""{"jsonrpc":"2.0","id":1,"method":"config.set","params":{"patch":{"mqtt":{"broker":"mqtt://127.0.0.1:{{{{{Workplace.FreePort(ProtocolType.Tcp)}}}}}"}}}}""");
        while (!ann.Received.Any(message => message.Text.Contains("rolledBack", StringComparison.Ordinal)))
        {
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(300), $"not rolled back and told within five minutes\n{agent.Log}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.InRange(began.Elapsed.TotalSeconds, 240, 300);
        var packets = viewer.Packets; // on a busy machine one may be lost for good, and this viewer's pictures stand then
        await Wait.UntilAsync(() => viewer.Packets > packets + 100, "the stream goes on", seconds: 60);
        Assert.Null(viewer.Failure);
        await agent.StopAsync();
    }

    /// <summary>What a process has had of a processor so far (proc(5): fields 14 and 15 of stat, in hundredths of a second).</summary>
    private static async Task<TimeSpan> UsedAsync(int process)
    {
        var status = await File.ReadAllTextAsync($"/proc/{process}/stat");
        var fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (int.Parse(fields[11], CultureInfo.InvariantCulture) + int.Parse(fields[12], CultureInfo.InvariantCulture)));
    }

    private static JsonObject Patch(int number) => new()
    {
        ["log"] = new JsonObject { ["level"] = s_levels[number % 4] },
        ["peers"] = new JsonObject { ["maxViewers"] = number },
    };

    private static int NumberOf(JsonNode values)
    {
        var number = values["peers"]!["maxViewers"]!.GetValue<int>();
        return s_levels[number % 4] == values["log"]!["level"]!.GetValue<string>() ? number : -1;
    }

    private static async Task<int> RunAsync(params string[] arguments)
    {
        await using var process = ChildProcess.Start(Workplace.Agent, arguments);
        Assert.True(await process.WaitForExitAsync(TimeSpan.FromSeconds(20)));
        Assert.True(process.ExitCode == 0, process.Log);
        return process.ExitCode;
    }

    /// <summary>An operator's file and a state folder, for one agent after another.</summary>
    private sealed class Place : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-kills-").FullName;
        private readonly int _broker;
        private int _requests;

        /// <summary>What the operator's file says.</summary>
        public const int First = 100;

        public Place(int broker)
        {
            _broker = broker;
            var content = new JsonObject
            {
                ["device"] = new JsonObject { ["id"] = "dev", ["stateFolder"] = State },
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
        public async Task<TestClient> ConnectAsync()
        {
            var client = await TestClient.ConnectAsync(_broker, "ann");
            await client.SubscribeAsync("edgecam/v1/dev/rpc/ann/response");
            await client.SubscribeAsync("edgecam/v1/dev/status");
            await Wait.UntilAsync(() => client.Received.LastOrDefault(message => message.Topic.EndsWith("/status", StringComparison.Ordinal)).Text?.Contains("\"online\":true", StringComparison.Ordinal) == true, "the agent is at its broker", seconds: 120);
            return client;
        }

        /// <summary>Asks until there is an answer: a retained status may be of the agent before.</summary>
        public async Task<JsonNode> CallAsync(TestClient client, ChildProcess agent, string method)
        {
            for (var began = Stopwatch.StartNew(); began.Elapsed < TimeSpan.FromSeconds(120) && !agent.HasExited;)
            {
                using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
                if (await CallAsync(client, agent, method, [], patience.Token) is { } answer)
                    return answer;
            }

            throw new Xunit.Sdk.XunitException($"no answer to {method}; exited: {agent.HasExited}\n{agent.Log}");
        }

        /// <summary>The result or the error; null where it was stopped before there was one.</summary>
        public async Task<JsonNode?> CallAsync(TestClient client, ChildProcess agent, string method, JsonObject parameters, CancellationToken stop)
        {
            var id = ++_requests;
            var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters };
            try
            {
                await client.PublishAsync("edgecam/v1/dev/rpc/ann/request", request.ToJsonString());
                for (var began = Stopwatch.StartNew(); began.Elapsed < TimeSpan.FromSeconds(10) && !agent.HasExited; await Task.Delay(1, stop))
                {
                    while (client.Received.TryDequeue(out var message))
                    {
                        if (message.Topic.EndsWith("/response", StringComparison.Ordinal) && JsonNode.Parse(message.Text) is { } answer && answer["id"]?.GetValue<int>() == id)
                            return answer["result"] ?? answer["error"];
                    }
                }
            }
            catch (Exception gone) when (gone is OperationCanceledException or MQTTnet.Exceptions.MqttCommunicationException or MQTTnet.Exceptions.MqttClientDisconnectedException)
            {
                // It was killed.
            }

            return null;
        }
    }
}
