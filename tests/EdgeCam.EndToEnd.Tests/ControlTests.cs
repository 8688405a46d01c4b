using System.Globalization;
using System.Text.Json.Nodes;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Operators over real data channels, at a head and at relays that are simulated down to their wires.</summary>
public sealed class ControlTests
{
    private static readonly JsonObject s_right = new() { ["pan"] = 1 };

    /// <summary>Messages that no good viewer sends, and the error that each is due.</summary>
    private static readonly (string Message, int Code)[] s_nonsense =
    [
        ("{", -32700),
        ("\u0001", -32700),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.continuousMove","params":{"pan":NaN}}""", -32700),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.continuousMove","params":{"pan":1,}}""", -32700),
        ($"{new string('[', 5000)}{new string(']', 5000)}", -32700),
        ("[]", -32600),
        ("""{"jsonrpc":"2.0","id":{"a":1},"method":"ptz.continuousMove","params":{"pan":1}}""", -32600),
        ("""{"jsonrpc":"2.0","id":[1],"method":"ptz.continuousMove","params":{"pan":1}}""", -32600),
        ("""{"jsonrpc":"1.0","id":1,"method":"ptz.continuousMove","params":{"pan":1}}""", -32600),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.spin","params":{"pan":1}}""", -32601),
        ("""{"jsonrpc":"2.0","id":1,"method":"gpio.Write","params":{"line":"lamp","value":true}}""", -32601),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.continuousMove","params":{"pan":"1"}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.continuousMove","params":{"pan":1e999}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.continuousMove","params":{"pan":1.0000001}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.continuousMove","params":{"pan":-99999999999999999999999999999}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.continuousMove","params":{"pan":true}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.continuousMove","params":{"pan":[1]}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.continuousMove","params":{"pan":1,"timeout":-1}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.continuousMove","params":{"pan":1,"timeout":600000}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.absoluteMove","params":{"pan":2}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.absoluteMove","params":{"pan":0.5,"speed":-1}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.continuousMove","params":{"pan":1,"camera":"cam9"}}""", -32002),
        ("""{"jsonrpc":"2.0","id":1,"method":"ptz.gotoPreset","params":{"token":"../../etc/passwd"}}""", -32002),
        ("""{"jsonrpc":"2.0","id":1,"method":"gpio.write","params":{"line":"lamp","value":1}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"gpio.write","params":{"line":17,"value":true}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"gpio.write","params":{"line":"lamp"}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"gpio.write","params":{"line":"gpio17","value":true}}""", -32002),
        ("""{"jsonrpc":"2.0","id":1,"method":"gpio.write","params":{"line":"5","value":true}}""", -32002),
        ("""{"jsonrpc":"2.0","id":1,"method":"gpio.pulse","params":{"line":"lamp","milliseconds":0}}""", -32602),
        ("""{"jsonrpc":"2.0","id":1,"method":"gpio.pulse","params":{"line":"lamp","milliseconds":1e300}}""", -32602),
        ($$$"""{"jsonrpc":"2.0","id":1,"method":"ptz.setPreset","params":{"name":"{{{new string('x', 50_000)}}}"}}""", -32602),
    ];

    [Fact]
    public async Task Nonsense_is_answered_and_moves_nothing()
    {
        await using var scene = await ControlScene.StartAsync();
        await using var mallory = await Operator.ConnectAsync(scene.Agent);
        var chipBefore = (await scene.Chip.StateAsync()).ToJsonString();
        foreach (var (message, code) in s_nonsense)
        {
            var answer = await mallory.SendRawAsync(message);
            Assert.True(answer?["error"]?["code"]?.GetValue<int>() == code, $"{message[..Math.Min(message.Length, 120)]} was answered {answer?.ToJsonString() ?? "with nothing"}, not {code}");
            Assert.True(answer!["error"]!["message"]!.GetValue<string>().Length > 5, answer.ToJsonString());
        }

        Assert.Equal(0, ControlScene.Speed(await scene.Head.StateAsync()));
        Assert.Equal(chipBefore, (await scene.Chip.StateAsync()).ToJsonString());
        Assert.Equal(0, (await mallory.CallAsync("ptz.status"))!["axes"]!["pan"]!["position"]!.GetValue<double>(), 0.01);
        await scene.Agent.StopAsync();
    }

    [Fact]
    public async Task A_flood_costs_the_flooder_alone()
    {
        var seconds = Workplace.IsSoak ? 30 : 5;
        await using var scene = await ControlScene.StartAsync();
        await using var flooder = await Operator.ConnectAsync(scene.Agent);
        await using var other = await Operator.ConnectAsync(scene.Agent);
        await other.CallAsync("device.info");
        var commandsBefore = (await scene.Head.StateAsync())["commands"]!.GetValue<int>();
        var framesBefore = (await other.VideoAsync())["frames"]!.GetValue<int>();

        string[] moves = [.. new[] { 0.9, -0.9, 0.5, -0.3 }.Select(pan => string.Create(CultureInfo.InvariantCulture, $$$$"""{"jsonrpc":"2.0","method":"ptz.continuousMove","params":{"pan":{{{{pan}}}},"seq":{i}}}"""))];
        var flooding = Task.WhenAll(
            flooder.FloodAsync(moves, 10_000, seconds, "control-fast"),
            flooder.FloodAsync(["""{"jsonrpc":"2.0","id":{i},"method":"ptz.status"}""", """{"jsonrpc":"2.0","method":"ptz.stop","params":{}}"""], 10_000, seconds, "control"));
        List<double> answers = [];
        while (!flooding.IsCompleted)
        {
            answers.Add((await other.TryCallAsync("device.info"))["ms"]!.GetValue<double>());
            await Task.Delay(50);
        }

        var floods = await flooding;
        var head = await scene.Head.StateAsync();
        answers.Sort();
        var video = await other.VideoAsync();
        var line = $"{floods[0]["sent"]} moves and {floods[1]["sent"]} requests in {seconds} s: another viewer's {answers.Count} calls answered in {answers[answers.Count / 2]:F1} ms (median), {answers[^1]:F1} ms (longest); "
            + $"{head["commands"]!.GetValue<int>() - commandsBefore} commands on the wire; {video["frames"]!.GetValue<int>() - framesBefore} pictures, {video["gaps"]} packets missing";
        TestContext.Current.TestOutputHelper!.WriteLine(line);
        Assert.True(answers[^1] < (Workplace.IsSoak ? 100 : 500), line);
        Assert.True(video["frames"]!.GetValue<int>() - framesBefore > seconds * ControlScene.Small.FrameRate * 0.9, line);
        Assert.True(video["gaps"]!.GetValue<int>() <= (Workplace.IsSoak ? 0 : 3), line);
        Assert.True(head["commands"]!.GetValue<int>() - commandsBefore < seconds * 120, line);

        // The last word counts, whatever came before it.
        await flooder.HoldAsync("ptz.continuousMove", new() { ["pan"] = -0.8, ["seq"] = 10_000_000 });
        await scene.Head.UntilAsync(static state => state["panSpeed"]!.GetValue<double>() < -5, "the head follows the newest command");
        await scene.Agent.StopAsync();
    }

    [Fact]
    public async Task Two_operators_share_a_head_by_its_lease()
    {
        await using var scene = await ControlScene.StartAsync(settings: ControlScene.Small with { Access = "tokens" });
        await using var alice = await Operator.ConnectAsync(scene.Agent, await scene.Agent.CreateTokenAsync("view,ptz"));
        await using var bob = await Operator.ConnectAsync(scene.Agent, await scene.Agent.CreateTokenAsync("view,ptz"));

        await alice.HoldAsync("ptz.continuousMove", s_right);
        await scene.UntilMovingAsync();
        Assert.True((await alice.CallAsync("ptz.status"))!["control"]!["you"]!.GetValue<bool>());
        var seen = (await bob.CallAsync("ptz.status"))!["control"]!;
        Assert.False(seen["you"]!.GetValue<bool>());
        Assert.False(seen["canTake"]!.GetValue<bool>());

        var held = await bob.MustRefuseAsync("ptz.continuousMove", new() { ["pan"] = -1 });
        Assert.Equal(-32003, held["code"]!.GetValue<int>());
        Assert.Equal(seen["holder"]!.GetValue<string>(), held["data"]!["holder"]!.GetValue<string>());
        Assert.Equal(-32003, (await bob.MustRefuseAsync("ptz.acquire", new() { ["force"] = true }))["code"]!.GetValue<int>());
        Assert.True((await scene.Head.StateAsync())["panSpeed"]!.GetValue<double>() > 0, "it must still turn as Alice wants");
        await bob.UntilHeardAsync(static message => message["method"]!.GetValue<string>() == "ptz.changed" && message["params"]!["control"]?["you"]?.GetValue<bool>() == false);

        // Everyone may stop, while the holder's own word goes on.
        await alice.HoldAsync("ptz.alive", []); // in place of the stick, which would take the head back
        await alice.CallAsync("ptz.absoluteMove", new() { ["pan"] = -1 });
        await scene.Head.UntilAsync(static head => head["panSpeed"]!.GetValue<double>() < -5, "it travels");
        await bob.CallAsync("ptz.stop");
        await scene.UntilStandingAsync(ControlScene.DeadMan);

        // Where it has stood for two seconds, another may take over; the one before is told.
        await bob.UntilAsync("ptz.status", static status => status!["control"]?["canTake"]?.GetValue<bool>() != false, "it may be taken over");
        await alice.ReleaseAsync();
        await bob.CallAsync("ptz.acquire", new() { ["force"] = true });
        await alice.UntilHeardAsync(static message => message["method"]!.GetValue<string>() == "ptz.changed" && message["params"]!["control"]?["you"]?.GetValue<bool>() == false);
        Assert.Equal(-32003, (await alice.MustRefuseAsync("ptz.continuousMove", s_right))["code"]!.GetValue<int>());

        // Left alone it is free after the lease.
        await alice.UntilAsync("ptz.status", static status => status!["control"] is null, "the lease is over");
        await alice.HoldAsync("ptz.continuousMove", s_right);
        await scene.UntilMovingAsync();

        // Who leaves, lets go: at once.
        await alice.LeaveAsync();
        await scene.UntilStandingAsync(ControlScene.DeadMan);
        await bob.HoldAsync("ptz.continuousMove", new() { ["pan"] = -1 });
        await scene.Head.UntilAsync(static head => head["panSpeed"]!.GetValue<double>() < -5, "Bob's turn");
        await scene.Agent.StopAsync();
        Assert.Equal(0, ControlScene.Speed(await scene.Head.StateAsync())); // an agent that ends leaves nothing turning
    }

    [Fact]
    public async Task Relays_switch_by_their_rules_and_all_watchers_see_it()
    {
        await using var scene = await ControlScene.StartAsync();
        await using var alice = await Operator.ConnectAsync(scene.Agent);
        await using var bob = await Operator.ConnectAsync(scene.Agent);
        await bob.CallAsync("gpio.watch");

        await alice.CallAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = true });
        await alice.CallAsync("gpio.write", new() { ["line"] = "lock", ["value"] = true });
        await alice.CallAsync("gpio.write", new() { ["line"] = "up", ["value"] = true });
        var chip = await scene.Chip.StateAsync();
        Assert.True(ControlScene.IsHigh(chip, 0) && ControlScene.IsHigh(chip, 1));
        Assert.False(ControlScene.IsHigh(chip, 3)); // active low

        var refused = await alice.MustRefuseAsync("gpio.write", new() { ["line"] = "down", ["value"] = true });
        Assert.Equal(-32005, refused["code"]!.GetValue<int>());
        Assert.Contains("up", refused["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.False(ControlScene.IsHigh(await scene.Chip.StateAsync(), 2));

        await scene.Chip.AskAsync("input 4 0"); // the button is pressed: active low
        await bob.UntilHeardAsync(message => Is(message, "button") && message["params"]!["edge"]!.GetValue<string>() == "rising");
        Assert.True(bob.HasHeard(message => Is(message, "lamp")));

        await scene.Agent.StopAsync();
        chip = await scene.Chip.StateAsync();
        Assert.False(ControlScene.IsHigh(chip, 0) || ControlScene.IsHigh(chip, 1));
        Assert.True(ControlScene.IsHigh(chip, 3));
    }

    [Fact]
    public async Task A_fault_of_the_hardware_has_a_name_and_passes()
    {
        await using var scene = await ControlScene.StartAsync();
        await using var alice = await Operator.ConnectAsync(scene.Agent);
        var before = (await alice.VideoAsync())["frames"]!.GetValue<int>();

        await scene.Head.AskAsync("fault noreply");
        await alice.UntilAsync("ptz.status", status => status!["state"]!.GetValue<string>() == "fault", "the silent head is named");
        var status = (await alice.CallAsync("ptz.status"))!;
        Assert.True(status["fault"]!.GetValue<string>().Length > 10 && status["remedy"]!.GetValue<string>().Length > 10, status.ToJsonString());
        await alice.UntilHeardAsync(static message => message["method"]!.GetValue<string>() == "ptz.changed" && message["params"]!["state"]!.GetValue<string>() == "fault");
        await scene.Head.AskAsync("fault off");
        await alice.UntilAsync("ptz.status", state => state!["state"]!.GetValue<string>() == "ready", "it answers again");
        await alice.HoldAsync("ptz.continuousMove", s_right);
        await scene.UntilMovingAsync();
        await alice.ReleaseAsync();
        await scene.UntilStandingAsync();

        await scene.Head.AskAsync("fault stuck-pan");
        await alice.HoldAsync("ptz.continuousMove", new() { ["pan"] = -1 });
        await alice.UntilAsync("ptz.status", static said => said!["fault"]?.GetValue<string>().Contains("pan does not move", StringComparison.Ordinal) == true, "the stuck axis is named");
        await alice.ReleaseAsync();
        await scene.Head.AskAsync("fault off");

        await scene.Chip.AskAsync("fault 0 io");
        var refused = await alice.MustRefuseAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = true });
        Assert.Equal(-32004, refused["code"]!.GetValue<int>());
        Assert.True(refused["data"]!["remedy"]!.GetValue<string>().Length > 10, refused.ToJsonString());
        Assert.Equal("fault", Lamp(await alice.CallAsync("gpio.list"))["state"]!.GetValue<string>());
        await alice.CallAsync("gpio.write", new() { ["line"] = "up", ["value"] = true }); // the others go on
        await scene.Chip.AskAsync("fault 0 off");
        await alice.UntilAsync("gpio.list", list => Lamp(list)["state"]!.GetValue<string>() == "ready", "the lamp works again");
        await alice.CallAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = true });
        Assert.True(ControlScene.IsHigh(await scene.Chip.StateAsync(), 0));

        var video = await alice.VideoAsync();
        Assert.True(video["frames"]!.GetValue<int>() > before + 20 && video["gaps"]!.GetValue<int>() == 0, video.ToJsonString());
        await scene.Agent.StopAsync();
    }

    private static bool Is(JsonNode message, string line) => message["params"]!["line"]?.GetValue<string>() == line && message["params"]!["value"]!.GetValue<bool>();

    private static JsonNode Lamp(JsonNode? list) => list!["lines"]!.AsArray().First(line => line!["name"]!.GetValue<string>() == "lamp")!;
}
