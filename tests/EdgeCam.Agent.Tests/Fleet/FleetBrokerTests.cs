using System.Diagnostics;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Mqtt;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Fleet;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>The commands at a real broker, with devices that say what the test wants.</summary>
public sealed class FleetBrokerTests
{
    private static readonly string s_manifest = $"{TokenForge.Base64("""{"alg":"ES256"}""")}.{TokenForge.Base64("""{"version":"1.1.0"}""")}.AAAA";

    [Fact]
    public async Task A_list_has_every_device_and_what_no_status_is_is_counted()
    {
        await using var rig = await FleetRig.StartAsync();
        await rig.AddAsync("porch");
        await rig.AddAsync("garden");
        await using var other = await TestClient.ConnectAsync(rig.Port, "other");
        await other.PublishAsync("edgecam/v1/cellar/status", FakeDevice.Status("cellar", isOnline: false), retain: true);
        await other.PublishAsync("edgecam/v1/broken/status", "no status", retain: true);
        await other.PublishAsync("edgecam/v1/evil/status", "{\"online\":true,\"version\":\"\\u001b[2Jgone\"}", retain: true);

        var (exit, output, errors) = await rig.RunAsync("list");

        Assert.Equal(0, exit);
        Assert.Equal(["DEVICE", "cellar", "evil", "garden", "porch"], output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')[0]));
        Assert.Contains("4 devices: 3 online, 1 offline; 1 more statuses are not understood", errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', output);
        var (_, json, _) = await rig.RunAsync("list", "--offline", "--json");
        Assert.Equal("cellar", JsonNode.Parse(json)!["device"]!.GetValue<string>());
    }

    [Fact]
    public async Task Whoever_watches_hears_what_changes_through_an_outage_of_the_broker_until_he_has_enough()
    {
        await using var rig = await FleetRig.StartAsync();
        await rig.AddAsync("porch");
        using var enough = new CancellationTokenSource();
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var (seen, said) = (TextWriter.Synchronized(output), TextWriter.Synchronized(errors));
        var watching = EdgeCam.Agent.Fleet.FleetCommand.RunAsync(
            ["list", "--watch", "--broker", $"mqtt://127.0.0.1:{rig.Port}", "--profile", OwnFiles.Write(rig.Folder, "p.json", "{}")], seen, said, TimeProvider.System, enough.Token, 0);
        await Wait.UntilAsync(() => Text(said, errors).Contains("1 devices: 1 online", StringComparison.Ordinal), "the table");

        await rig.RestartAsync();
        await Wait.UntilAsync(() => Text(said, errors).Contains("The broker is back", StringComparison.Ordinal), "the broker is back", seconds: 30);
        Assert.Contains("The broker is away", Text(said, errors), StringComparison.Ordinal);
        var porch = await rig.AddAsync("porch");
        await rig.AddAsync("garden");
        await porch.SayAsync("status", FakeDevice.Status("porch", isOnline: false), isRetained: true);
        await Wait.UntilAsync(() => Text(seen, output).Contains("porch  offline", StringComparison.Ordinal) && Text(seen, output).Contains("garden  new: online", StringComparison.Ordinal), () => Text(seen, output));

        await enough.CancelAsync();
        Assert.Equal(ExitCode.Interrupted, await watching);

        static string Text(TextWriter writer, StringWriter text)
        {
            lock (writer) // as it does itself
                return text.ToString();
        }
    }

    [Fact]
    public async Task A_broker_with_tls_and_passwords_is_reached_and_what_is_wrong_with_either_is_named()
    {
        await using var broker = await Mosquitto.StartSecureAsync("ann", "hunter2");
        var (good, bad) = (OwnFiles.Write(broker.Folder, "good", "hunter2\n"), OwnFiles.Write(broker.Folder, "bad", "hunter3"));

        Assert.Equal((0, ""), Known(await ListAsync("--ca", broker.CaFile, "--password-file", good)));
        Assert.Equal((ExitCode.Broker, "--password-file"), Known(await ListAsync("--ca", broker.CaFile, "--password-file", bad)));
        Assert.Equal((ExitCode.Broker, "--ca"), Known(await ListAsync("--password-file", good)));
        File.SetUnixFileMode(good, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Equal((ExitCode.Configuration, "chmod 600"), Known(await ListAsync("--ca", broker.CaFile, "--password-file", good)));

        (int, string) Known((int Exit, string Errors) ended)
        {
            Assert.DoesNotContain("hunter", ended.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("mqtt.", ended.Errors, StringComparison.Ordinal); // keys of a device's file, which is not here
            return (ended.Exit, Array.Find(["chmod 600", "--ca", "--password-file"], word => ended.Errors.Contains(word, StringComparison.Ordinal)) ?? "");
        }

        async Task<(int Exit, string Errors)> ListAsync(params string[] more)
        {
            using var errors = new StringWriter();
            var exit = await EdgeCam.Agent.Fleet.FleetCommand.RunAsync(
                ["list", "--broker", $"mqtts://localhost:{broker.Port}", "--user", "ann", "--wait", "1s", "--profile", OwnFiles.Write(broker.Folder, "p.json", "{}"), .. more],
                TextWriter.Null, errors, TimeProvider.System, CancellationToken.None, 0);
            return (exit, errors.ToString());
        }
    }

    [Fact]
    public async Task A_refusal_without_an_id_finds_its_request_and_has_the_devices_words()
    {
        await using var rig = await FleetRig.StartAsync();
        await rig.AddAsync("porch", static (_, _, _) =>
        {
            var refusal = FleetRig.Error(-32001, "Forbidden: nothing proves it", "Sign it");
            refusal["id"] = null;
            return refusal;
        });

        var (exit, output, errors) = await rig.RunAsync("call", "porch", "device.info");

        Assert.Equal((ExitCode.Refused, ""), (exit, output));
        Assert.Contains("porch: Forbidden: nothing proves it. Sign it", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dead_device_and_one_that_refuses_hold_nobody_up_and_are_named()
    {
        await using var rig = await FleetRig.StartAsync();
        await rig.AddAsync("porch-1");
        await rig.AddAsync("porch-2", static (_, _, _) => null);
        await rig.AddAsync("porch-3", static (_, _, _) => FleetRig.Error(-32004, "Unavailable: no"));
        var off = await rig.AddAsync("porch-4");
        await off.SayAsync("status", FakeDevice.Status("porch-4", isOnline: false), isRetained: true);
        await rig.AddAsync("garden");

        var (exit, output, errors) = await rig.RunAsync("call", "porch-*", "device.info", "--timeout", "1s", "--json");

        var outcomes = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToDictionary(static line => line["device"]!.GetValue<string>());
        Assert.Equal(["porch-1", "porch-2", "porch-3", "porch-4"], outcomes.Keys.Order());
        Assert.Equal(["done", "failed", "silent", "silent"], outcomes.Values.Select(static outcome => outcome["outcome"]!.GetValue<string>()).Order());
        Assert.Equal("device.info", outcomes["porch-1"]["result"]!["did"]!.GetValue<string>());
        Assert.Equal(-32004, outcomes["porch-3"]["error"]!["code"]!.GetValue<int>());
        Assert.Contains("no answer within 1 s", outcomes["porch-2"]["text"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(off.Called); // it would hear of it later
        Assert.Equal(ExitCode.Refused, exit);
        Assert.Equal("", errors);
        Assert.Equal(ExitCode.Silent, (await rig.RunAsync("call", "porch-1", "porch-2", "device.info", "--timeout", "1s")).Exit);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broker_that_knows_only_3_1_1_gets_3_1_1_and_answers_are_found_without_correlation_data(bool hangsUp)
    {
        await using var rig = await FleetRig.StartAsync();
        await using var old = new BrokerProxy(rig.Port, isOld: true, hangsUp);
        await rig.AddAsync("porch", static (_, method, _) =>
        {
            var answer = method == "device.info" ? FleetRig.Result(new() { ["id"] = "porch" }) : FleetRig.Error(-32001, "Forbidden");
            if (answer.ContainsKey("error"))
                answer["id"] = null; // as where it could not be read
            return answer;
        });
        var good = await rig.RunAsync(old.Port, "call", "porch", "device.info", "--json");
        Assert.Equal("porch", JsonNode.Parse(good.Output)!["result"]!["id"]!.GetValue<string>());
        Assert.Equal([5, 4], old.Versions);
        Assert.Equal(ExitCode.Refused, (await rig.RunAsync(old.Port, "call", "porch", "device.restart")).Exit);
    }

    [Fact]
    public async Task Whoever_interrupts_is_told_whose_end_is_not_known()
    {
        await using var rig = await FleetRig.StartAsync();
        using var enough = new CancellationTokenSource();
        await rig.AddAsync("porch-1");
        await rig.AddAsync("porch-2", (_, _, _) =>
        {
            enough.CancelAfter(200);
            return null;
        });
        await rig.AddAsync("porch-3");

        var (exit, output, errors) = await rig.RunAsync(enough.Token, "call", "--all", "device.info", "--parallel", "1");

        Assert.Equal(ExitCode.Interrupted, exit);
        string[] rows = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(static line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]))];
        Assert.Equal(["porch-1 done", "porch-2 skipped", "porch-3 skipped"], rows);
        Assert.Contains("3 devices: 1 done, 2 skipped", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_is_followed_until_the_device_says_how_it_ended()
    {
        await using var rig = await FleetRig.StartAsync();
        JsonObject? asked = null;
        JsonObject? Answer(FakeDevice device, string method, JsonObject given)
        {
            if (method == "config.get")
                return FleetRig.Result(new() { ["revision"] = "0000000000000001", ["state"] = "confirmed" });
            asked = given;
            _ = TellAsync(device, given["patch"]!["mqtt"] is not null);
            return FleetRig.Result(new() { ["revision"] = "0000000000000002", ["state"] = "trial", ["changed"] = new JsonArray("device.name"), ["confirmedWithin"] = 270 });
        }

        static async Task TellAsync(FakeDevice device, bool isBad)
        {
            await device.SayAsync("event/config", """{"v":1,"state":"trial","revision":"0000000000000002","by":"x"}""");
            await device.SayAsync("event/config", """{"v":1,"state":"confirmed","revision":"0000000000000001","by":"another's"}""");
            await device.SayAsync("event/config", isBad ? """{"v":1,"state":"rolledBack","revision":"0000000000000002","by":"x","reason":"the broker was not reached"}""" : """{"v":1,"state":"confirmed","revision":"0000000000000002","by":"x"}""");
        }

        await rig.AddAsync("porch", Answer);
        var good = await rig.RunAsync("config", "set", "porch", "device.name=Front door", "log.level=debug", "peers.maxViewers=7");
        Assert.Equal(0, good.Exit);
        Assert.Contains("confirmed: revision 0000000000000002; changed: device.name", good.Output, StringComparison.Ordinal);
        Assert.Equal("""{"device":{"name":"Front door"},"log":{"level":"debug"},"peers":{"maxViewers":7}}""", asked!["patch"]!.ToJsonString());
        Assert.Equal("0000000000000001", asked["revision"]!.GetValue<string>());

        var bad = await rig.RunAsync("config", "set", "porch", "--file", OwnFiles.Write(rig.Folder, "patch.json", """{"mqtt":{"broker":"mqtt://gone"}}"""), "--revision", "any");
        Assert.Equal(ExitCode.Refused, bad.Exit);
        Assert.Contains("porch: rolled back: the broker was not reached", bad.Errors, StringComparison.Ordinal);
        Assert.Null(asked["revision"]);
    }

    [Fact]
    public async Task A_rollout_follows_each_device_and_begins_no_more_after_a_failure()
    {
        await using var rig = await FleetRig.StartAsync();
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            await rig.AddAsync(name, (device, method, given) =>
            {
                if (method == "update.check")
                    return FleetRig.Result(new() { ["version"] = name == "a" ? "1.1.0" : "1.0.0", ["state"] = "idle" });
                _ = TellAsync(device, isGood: name == "b");
                return FleetRig.Result(new() { ["version"] = "1.0.0", ["state"] = "downloading", ["id"] = "u1" });
            });
        }

        static async Task TellAsync(FakeDevice device, bool isGood)
        {
            await device.SayAsync("event/update", """{"v":1,"kind":"update","id":"u1","state":"downloading","version":"1.1.0","percent":50}""");
            await device.SayAsync("event/update", """{"v":1,"kind":"update","id":"older","state":"refused","version":"1.0.9","reason":"wrongHash"}""");
            await device.SayAsync("event/update", isGood ? """{"v":1,"kind":"update","id":"u1","state":"confirmed","version":"1.1.0"}""" : """{"v":1,"kind":"update","id":"u1","state":"rolledBack","version":"1.1.0","reason":"notHealthy","detail":"no camera"}""");
        }

        var manifest = OwnFiles.Write(rig.Folder, "m.jws", s_manifest);
        var (exit, output, errors) = await rig.RunAsync("update", "--all", "--manifest", manifest, "--url", "http://x/y", "--parallel", "1", "--stop-after-failures", "1");

        Assert.Equal(ExitCode.Refused, exit);
        string[] rows = [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(static line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
        Assert.Equal(["a done runs 1.1.0 already", "b done 1.1.0 confirmed", "c failed rolledBack: notHealthy: no camera", "d skipped not asked: others had failed"], rows);
        Assert.Contains("b: downloading, 50 %", errors, StringComparison.Ordinal);
        Assert.Contains("4 devices: 2 done, 1 failed, 1 skipped", errors, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', errors);
    }

    [Fact]
    public async Task What_is_desired_lies_at_the_broker_for_each_device_and_can_be_taken_away()
    {
        await using var rig = await FleetRig.StartAsync();
        var off = await rig.AddAsync("porch");
        await off.SayAsync("status", FakeDevice.Status("porch", isOnline: false), isRetained: true);
        var config = OwnFiles.Write(rig.Folder, "want.json", """{"log":{"level":"debug"}}""");
        await using var reader = await TestClient.ConnectAsync(rig.Port, "reader");

        Assert.Equal(0, (await rig.RunAsync("config", "desired", "--all", "--file", config)).Exit);
        await reader.SubscribeAsync("edgecam/v1/+/config/desired");
        await Wait.UntilAsync(() => !reader.Received.IsEmpty, "the retained document");
        Assert.Equal(("edgecam/v1/porch/config/desired", """{"config":{"log":{"level":"debug"}}}""", true), reader.Received.Single());

        Assert.Equal(0, (await rig.RunAsync("config", "desired", "porch", "--clear")).Exit);
        await Wait.UntilAsync(() => reader.Received.Last().Text.Length == 0, "it is taken away");
    }

    [Fact]
    public async Task A_broker_that_is_away_is_named_with_the_option_that_says_where_it_is()
    {
        using var errors = new StringWriter();
        var folder = Directory.CreateTempSubdirectory("edgecam-fleet-");
        var began = Stopwatch.StartNew();
        var exit = await EdgeCam.Agent.Fleet.FleetCommand.RunAsync(
            ["list", "--broker", $"mqtt://127.0.0.1:{FreePort.Tcp()}", "--profile", OwnFiles.Write(folder.FullName, "p.json", "{}")], TextWriter.Null, errors, TimeProvider.System, CancellationToken.None, 0);
        folder.Delete(recursive: true);
        Assert.Equal(ExitCode.Broker, exit);
        Assert.Contains("refuses TCP", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("--broker", errors.ToString(), StringComparison.Ordinal);
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(5));
    }
}
