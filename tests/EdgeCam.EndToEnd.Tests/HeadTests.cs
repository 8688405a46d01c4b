using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using MQTTnet;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>The other heads through the whole agent, each at a simulation of its wire; and who moves them without a data channel.</summary>
public sealed class HeadTests
{
    [Fact]
    public async Task A_visca_head_turns_goes_to_its_place_and_stops()
    {
        await using var scene = await ControlScene.StartAsync("visca");
        await using var alice = await Operator.ConnectAsync(scene.Agent);

        await alice.HoldAsync("ptz.continuousMove", new() { ["pan"] = -1 });
        await scene.Head.UntilAsync(static head => head["panSpeed"]!.GetValue<double>() < -5, "it turns left");
        await alice.HoldAsync("ptz.alive", []);
        await alice.CallAsync("ptz.absoluteMove", new() { ["pan"] = 1 });
        await scene.Head.UntilAsync(static head => head["panSpeed"]!.GetValue<double>() > 5, "it travels right");
        await alice.CallAsync("ptz.stop");
        await scene.UntilStandingAsync(ControlScene.DeadMan); // though its operator is still there

        await alice.CallAsync("ptz.absoluteMove", new() { ["pan"] = 0.25, ["tilt"] = 0 });
        await scene.Head.UntilAsync(static head => Math.Abs(head["pan"]!.GetValue<double>() - (0.25 * 170)) < 0.5 && ControlScene.Speed(head) == 0, "it is where it was sent");
        await alice.ReleaseAsync();
        await alice.UntilAsync("ptz.status", static status => Math.Abs(status!["axes"]!["pan"]!["position"]!.GetValue<double>() - 0.25) < 0.01, "it tells its place");
        await scene.Agent.StopAsync();
    }

    [Fact]
    public async Task A_visca_head_that_was_without_power_is_greeted_as_soon_as_it_has_it()
    {
        await using var scene = await ControlScene.StartAsync("visca");
        await using var alice = await Operator.ConnectAsync(scene.Agent);
        await alice.HoldAsync("ptz.continuousMove", new() { ["pan"] = 1 });
        await scene.UntilMovingAsync();
        await scene.Head.AskAsync("power off");
        await scene.Head.AskAsync("power on");
        await scene.UntilStandingAsync();
        await scene.Head.UntilAsync(static head => ControlScene.Speed(head) > 5, "it moves again", TimeSpan.FromSeconds(4));
        await alice.ReleaseAsync();
        await scene.UntilStandingAsync();
        await scene.Agent.StopAsync();
    }

    [Fact]
    public async Task Servos_get_the_pulses_of_their_place()
    {
        Workplace.Need(Tool.Node);
        var folder = Directory.CreateTempSubdirectory("edgecam-i2c-").FullName;
        try
        {
            var socket = Path.Combine(folder, "bus");
            await using var bus = await Hardware.StartAsync("i2c", folder, "--socket", socket);
            await using var agent = await AgentProcess.StartAsync(ControlScene.Small with
            {
                Adjust = content => content["ptz"] = new JsonArray(new JsonObject
                {
                    ["camera"] = "cam0",
                    ["driver"] = $"pca9685:unix:{socket}?address=0x40",
                    ["pan"] = new JsonObject { ["minPulse"] = 600, ["maxPulse"] = 2400, ["trim"] = 20 },
                    ["tilt"] = new JsonObject { ["invert"] = true },
                    ["zoom"] = new JsonObject { ["enabled"] = false },
                }),
            });
            await using var alice = await Operator.ConnectAsync(agent);
            await alice.HoldAsync("ptz.alive", []);
            foreach (var (pan, tilt) in new[] { (0.5, 0.5), (-1.0, -1.0), (1.0, 0.0), (0.0, 1.0) })
            {
                await alice.CallAsync("ptz.absoluteMove", new() { ["pan"] = pan, ["tilt"] = tilt });
                var (panPulse, tiltPulse) = (1500 + 20 + (900 * pan), 1500 - (500 * tilt));
                await bus.UntilAsync(
                    state => Near(state["pulses"]![0]!.GetValue<double>(), panPulse) && Near(state["pulses"]![1]!.GetValue<double>(), tiltPulse),
                    $"pulses of {panPulse} and {tiltPulse} us for {pan}, {tilt}");
            }

            Assert.Equal(50, (await bus.StateAsync())["frequency"]!.GetValue<double>(), 1.0);

            // A bus that fails has a name, and the head moves again when it is back.
            await bus.AskAsync("fault nack");
            await alice.TryCallAsync("ptz.absoluteMove", new() { ["pan"] = -0.5 });
            await alice.UntilAsync("ptz.status", static status => status!["state"]!.GetValue<string>() == "fault" && status["remedy"]!.GetValue<string>().Length > 10, "the fault is named");
            await bus.AskAsync("fault off");
            await alice.UntilAsync("ptz.status", static status => status!["state"]!.GetValue<string>() == "ready", "the bus is back");
            await alice.CallAsync("ptz.absoluteMove", new() { ["pan"] = 0 });
            await bus.UntilAsync(static state => Near(state["pulses"]![0]!.GetValue<double>(), 1520), "it moves again");
            await agent.StopAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static bool Near(double pulse, double wanted) => Math.Abs(pulse - wanted) <= wanted / 100;
    }

    [Fact]
    public async Task A_head_inside_the_picture_cuts_out_what_is_encoded()
    {
        Workplace.Need(Tool.Ffmpeg);
        await using var agent = await AgentProcess.StartAsync(ControlScene.Small with
        {
            Adjust = static content => content["ptz"] = new JsonArray(new JsonObject { ["camera"] = "cam0", ["driver"] = "digital:" }),
        });
        await using var alice = await Operator.ConnectAsync(agent, new() { ["decode"] = ControlScene.Small.Width });
        await alice.HoldAsync("ptz.alive", []);
        await UntilCodeAsync(alice, isThere: true);
        await alice.CallAsync("ptz.absoluteMove", new() { ["zoom"] = 0.5 });
        await UntilCodeAsync(alice, isThere: false); // it stands at the lower edge, outside of what is shown now
        await alice.CallAsync("ptz.absoluteMove", new() { ["zoom"] = 0 });
        await UntilCodeAsync(alice, isThere: true);
        await agent.StopAsync();
    }

    [Fact]
    public async Task Over_mqtt_a_move_ends_by_itself_and_what_happens_is_told_as_events()
    {
        await using var scene = await ControlScene.StartAsync(settings: ControlScene.Small with { Access = "bearer" });
        var token = await scene.Agent.CreateBearerTokenAsync("view,ptz,gpio,manage");
        await using var client = new TestClient();
        Assert.Equal(MqttClientConnectResultCode.Success, await client.TryConnectAsync(TestClient.Options(new Uri(scene.Agent.Broker).Port, "ops").WithCredentials("token", token)));
        var topics = $"edgecam/v1/{scene.Agent.Device}";
        await client.SubscribeAsync($"{topics}/rpc/ops/response");
        await client.SubscribeAsync($"{topics}/event/+");
        var number = 0;

        async Task<JsonElement> CallAsync(string method, JsonObject parameters)
        {
            var id = ++number;
            var request = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters };
            await client.PublishAsync($"{topics}/rpc/ops/request", new JsonObject { ["token"] = token, ["request"] = request }.ToJsonString());
            JsonElement? Find() => client.Received.Where(static message => message.Topic.EndsWith("/response", StringComparison.Ordinal)).Select(static message => JsonElement.Parse(message.Text))
                .Cast<JsonElement?>().FirstOrDefault(message => message!.Value.GetProperty("id").ToString() == $"{id}");
            await Wait.UntilAsync(() => Find() is not null, method);
            return Find()!.Value;
        }

        Assert.Equal(-32602, (await CallAsync("ptz.continuousMove", new() { ["pan"] = 1 })).GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(-32602, (await CallAsync("ptz.continuousMove", new() { ["pan"] = 1, ["timeout"] = 10_001 })).GetProperty("error").GetProperty("code").GetInt32());
        Assert.Equal(0, ControlScene.Speed(await scene.Head.StateAsync()));

        Assert.True((await CallAsync("ptz.continuousMove", new() { ["pan"] = 1, ["timeout"] = 1000 })).TryGetProperty("result", out _));
        await scene.UntilMovingAsync();
        await scene.UntilStandingAsync(TimeSpan.FromSeconds(3));
        Assert.InRange((await scene.Head.StateAsync())["pan"]!.GetValue<double>(), 20, 90); // a second of 60 degrees, and the braking

        Assert.True((await CallAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = true })).TryGetProperty("result", out _));
        await Wait.UntilAsync(() => client.Received.Any(message => message.Topic.EndsWith("event/gpio", StringComparison.Ordinal) && message.Text.Contains("\"lamp\"", StringComparison.Ordinal)), "the lamp's event");
        await scene.Head.AskAsync("fault noreply");
        await Wait.UntilAsync(
            () => client.Received.Any(static message => message.Topic.EndsWith("event/ptz", StringComparison.Ordinal) && JsonNode.Parse(message.Text) is var said
                && said!["state"]!.GetValue<string>() == "fault" && said["fault"]!.GetValue<string>().Length > 10 && said["remedy"]!.GetValue<string>().Length > 10),
            "the fault's event", seconds: 20);
        await scene.Agent.StopAsync();
    }

    [Fact]
    public async Task On_demand_all_is_safe_with_the_agent_and_without_it()
    {
        await using var scene = await ControlScene.StartAsync();
        await using (var alice = await Operator.ConnectAsync(scene.Agent))
        {
            await alice.CallAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = true });
            await alice.HoldAsync("ptz.continuousMove", new() { ["pan"] = 1 });
            await scene.UntilMovingAsync();
            Assert.Contains("safe", await scene.Agent.MakeSafeAsync(), StringComparison.Ordinal);
            await scene.UntilStandingAsync(ControlScene.DeadMan); // though the stick is held
            Assert.False(ControlScene.IsHigh(await scene.Chip.StateAsync(), 0));
            await alice.CallAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = true }); // the agent goes on
        }

        await ChildProcess.SignalAsync(scene.Agent.Id, "KILL");
        await scene.Chip.UntilAsync(static chip => !ControlScene.IsHigh(chip, 0), "the guard has made it safe");
        await Task.Delay(500); // and is gone
        await File.WriteAllBytesAsync(scene.Tty, [0xFF, 1, 0, 2, 0x3F, 0, 0x42]); // Pelco-D: right, by somebody else
        await RaiseAsync(scene.ChipSocket);
        await scene.UntilMovingAsync();
        Assert.True(ControlScene.IsHigh(await scene.Chip.StateAsync(), 0));
        Assert.Contains("safe", await scene.Agent.MakeSafeAsync(), StringComparison.Ordinal);
        await scene.UntilStandingAsync(ControlScene.DeadMan);
        Assert.False(ControlScene.IsHigh(await scene.Chip.StateAsync(), 0));
    }

    /// <summary>Another program sets line 0 and leaves it so.</summary>
    private static async Task RaiseAsync(string chip)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(chip));
        await socket.SendAsync(new byte[] { 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0, 1, (byte)'x' });
        var reply = new byte[4];
        Assert.Equal(4, await socket.ReceiveAsync(reply));
        Assert.Equal(0, reply[3]);
    }

    /// <summary>Whether the code that the camera draws along its lower edge can be read in each picture of a second.</summary>
    private static async Task UntilCodeAsync(Operator viewer, bool isThere)
    {
        var before = await viewer.VideoAsync();
        for (var end = DateTime.UtcNow.AddSeconds(20); DateTime.UtcNow < end;)
        {
            await Task.Delay(1000);
            var now = await viewer.VideoAsync();
            int Since(string name) => now[name]!.GetValue<int>() - before[name]!.GetValue<int>();
            if (Since("decoded") > 5 && Since("unread") == (isThere ? 0 : Since("decoded")))
                return;
            before = now;
        }

        Assert.Fail($"the code should be {(isThere ? "there" : "gone")}: {(await viewer.VideoAsync()).ToJsonString()}\n{viewer.Log}");
    }
}
