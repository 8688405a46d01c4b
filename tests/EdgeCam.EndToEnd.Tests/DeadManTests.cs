using System.Diagnostics;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Whoever held the joystick is gone, or the agent itself is: the head stands and the relays are safe within half a second.</summary>
public sealed class DeadManTests
{
    private static readonly JsonObject s_on = new() { ["line"] = "lamp", ["value"] = true };

    /// <summary>Of each way to be gone: together a hundred in full.</summary>
    private static int Count => Workplace.IsSoak ? 20 : 2;

    [Fact]
    public async Task The_head_stands_when_the_viewer_is_killed()
    {
        await using var scene = await ControlScene.StartAsync();
        await RepeatAsync("viewer killed", async () =>
        {
            await using var alice = await Operator.ConnectAsync(scene.Agent);
            await PanAsync(scene, alice);
            var since = Stopwatch.StartNew();
            await alice.KillAsync();
            await scene.UntilStandingAsync();
            return since.Elapsed;
        });
        await scene.Agent.StopAsync();
    }

    [Fact]
    public async Task The_head_stands_when_the_viewers_network_is_cut()
    {
        Leftovers.Need();
        Workplace.Need(Tool.Mosquitto);
        const string Here = "10.19.0.1";
        var wire = $"ec{Environment.ProcessId}"; // an interface's name has 15 characters at most
        var place = new NetNamespace($"{Leftovers.Prefix}operator");
        try
        {
            Ip($"link add {wire} type veth peer name eth0 netns {place.Name}");
            Ip($"addr add {Here}/24 dev {wire}");
            Ip($"link set {wire} up");
            place.Ip("addr add 10.19.0.2/24 dev eth0");
            place.Ip("link set eth0 up");
            var port = FreePort.Tcp();
            await using var scene = await ControlScene.StartAsync(
                adjust: content => content["http"] = new JsonObject { ["bind"] = $"0.0.0.0:{port}", ["allowPlaintext"] = true },
                settings: ControlScene.Small with { HttpPort = port, Access = "tokens" });
            await RepeatAsync("network cut", async () =>
            {
                place.Ip("link set eth0 up");
                using var http = place.Http(TimeSpan.FromSeconds(1));
                await Wait.UntilAsync(() => CanReach(http, $"http://{Here}:{port}/healthz"), "the network is back");
                var options = await scene.Agent.CreateTokenAsync("view,ptz");
                options["broker"] = $"ws://{Here}:{port}/mqtt";
                options["bind"] = "10.19.0.2";
                await using var alice = await Operator.ConnectAsync(scene.Agent, options, place);
                await PanAsync(scene, alice);
                var since = Stopwatch.StartNew();
                place.Ip("link set eth0 down");
                await scene.UntilStandingAsync();
                return since.Elapsed;
            });
            await scene.Agent.StopAsync();
        }
        finally
        {
            Command.TryRun("ip", ["link", "del", wire]); // connections that could not say goodbye keep a namespace for minutes
            place.Delete();
        }
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("STOP")]
    public async Task The_head_stands_and_relays_are_safe_when_the_agent_is_gone(string signal)
    {
        await using var scene = await ControlScene.StartAsync();
        await RepeatAsync($"agent SIG{signal}", async () =>
        {
            await using var alice = await Operator.ConnectAsync(scene.Agent);
            await alice.CallAsync("gpio.write", s_on);
            Assert.True(ControlScene.IsHigh(await scene.Chip.StateAsync(), 0));
            await PanAsync(scene, alice);
            var since = Stopwatch.StartNew();
            await ChildProcess.SignalAsync(scene.Agent.Id, signal);
            await scene.UntilStandingAsync();
            await scene.Chip.UntilAsync(static chip => !ControlScene.IsHigh(chip, 0), "the relay is safe");
            var passed = since.Elapsed;
            if (signal == "STOP")
                await ChildProcess.SignalAsync(scene.Agent.Id, "KILL");
            await scene.RestartAsync();
            return passed;
        });
        await scene.Agent.StopAsync();
    }

    [Fact]
    public async Task The_head_stands_when_the_guard_itself_is_killed()
    {
        await using var scene = await ControlScene.StartAsync();
        await using var alice = await Operator.ConnectAsync(scene.Agent);
        await alice.CallAsync("gpio.write", s_on);
        await PanAsync(scene, alice);
        await ChildProcess.SignalAsync(Assert.Single(scene.Agent.Guards), "KILL");
        await scene.UntilStandingAsync(ControlScene.DeadMan); // though the stick is held
        await scene.Chip.UntilAsync(static chip => !ControlScene.IsHigh(chip, 0), "the relay is safe", ControlScene.DeadMan);
        await alice.ReleaseAsync();
        await alice.UntilAsync("ptz.status", static status => status!["state"]!.GetValue<string>() == "ready", "another guard holds the line");
        await Task.Delay(500); // let go
        await PanAsync(scene, alice); // and all of it works again
        await scene.Agent.StopAsync();
    }

    [Fact]
    public async Task An_agent_that_wakes_again_does_not_carry_on()
    {
        await using var scene = await ControlScene.StartAsync();
        await using var alice = await Operator.ConnectAsync(scene.Agent);
        await alice.CallAsync("gpio.write", s_on);
        await PanAsync(scene, alice);
        await ChildProcess.SignalAsync(scene.Agent.Id, "STOP");
        await scene.UntilStandingAsync();
        await scene.Chip.UntilAsync(static chip => !ControlScene.IsHigh(chip, 0), "the relay is safe");
        await Task.Delay(500);
        await ChildProcess.SignalAsync(scene.Agent.Id, "CONT");
        for (var end = DateTime.UtcNow.AddSeconds(2); DateTime.UtcNow < end; await Task.Delay(20))
        {
            Assert.Equal(0, ControlScene.Speed(await scene.Head.StateAsync())); // the stick is still held
            Assert.False(ControlScene.IsHigh(await scene.Chip.StateAsync(), 0));
        }

        await alice.ReleaseAsync();
        await Task.Delay(500); // let go
        await PanAsync(scene, alice);
        await scene.Agent.StopAsync();
    }

    private static bool CanReach(HttpClient http, string address)
    {
        try
        {
            return http.GetAsync(new Uri(address)).Result.IsSuccessStatusCode;
        }
        catch (AggregateException)
        {
            return false;
        }
    }

    private static void Ip(string words) => Command.Run("ip", words.Split(' '));

    private static async Task PanAsync(ControlScene scene, Operator alice)
    {
        await alice.HoldAsync("ptz.continuousMove", new() { ["pan"] = (await scene.Head.StateAsync())["pan"]!.GetValue<double>() > 0 ? -1 : 1 });
        await scene.UntilMovingAsync();
    }

    private static async Task RepeatAsync(string kind, Func<Task<TimeSpan>> gone)
    {
        List<double> all = [];
        for (var i = 0; i < Count; i++)
            all.Add((await gone()).TotalMilliseconds);
        all.Sort();
        var line = $"{kind}: {all.Count} times, at rest after {all[all.Count / 2]:F0} ms (median), {all[^1]:F0} ms (longest)";
        TestContext.Current.TestOutputHelper!.WriteLine(line);
        Assert.True(all[^1] <= ControlScene.DeadMan.TotalMilliseconds, line);
    }
}
