using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary><c>edgecam fleet</c> as an operator types it, with real devices at a real broker that has deploy/broker's rules.</summary>
public sealed class FleetTests(ITestOutputHelper output)
{
    [Fact]
    public async Task An_operator_lists_shows_calls_sets_and_reads_logs()
    {
        await using var scene = await FleetScene.StartAsync("porch-1", "porch-2");
        await scene.AddAsync("porch-1");
        var want = Path.Combine(scene.Folder, "want.json");
        await File.WriteAllTextAsync(want, """{"log":{"level":"debug"}}""");
        Assert.Contains("left at the broker", scene.Must("config", "desired", "porch-2", "--file", want), StringComparison.Ordinal);
        await scene.AddAsync("porch-2"); // and finds it there
        await Wait.UntilAsync(() => scene.Agent("porch-2").Log.Contains("Camera cam0: live", StringComparison.Ordinal), "a camera");

        var list = scene.Must("list").Split('\n');
        output.WriteLine(string.Join('\n', list));
        Assert.Matches("^porch-1 +online +[0-9]", list[1]);
        Assert.Matches("^porch-2 +online", list[2]);
        await Wait.UntilAsync(() => scene.Must("config", "get", "porch-2", "log.level").Contains("remote  \"debug\"", StringComparison.Ordinal), "what was left for it is in force");

        var show = scene.Must("show", "porch-1", "--wait", "1s");
        output.WriteLine(show);
        foreach (var part in new[] { "porch-1  online, version", "cam0: live", "settings    revision", "update      ", "board       " })
            Assert.Contains(part, show, StringComparison.Ordinal);

        Assert.Equal("porch-2", JsonNode.Parse(scene.Must("call", "porch-2", "device.info"))!["id"]!.GetValue<string>());
        Assert.Equal(2, scene.Must("call", "--group", "porches", "device.time", "--json").Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(static line => line.Contains("\"outcome\":\"done\"", StringComparison.Ordinal)));
        var (status, _, error) = scene.Run("call", "porch-1", "ptz.home");
        Assert.Equal(9, status);
        Assert.Contains("porch-1: ", error, StringComparison.Ordinal);

        // On trial, since the agent starts anew; both at once.
        var set = scene.Run("config", "set", "porch-*", "device.name=Front door");
        output.WriteLine(set.Output + set.Error);
        Assert.Equal(0, set.Status);
        Assert.Equal(2, set.Output.Split('\n').Count(static line => line.Contains("confirmed: revision", StringComparison.Ordinal)));
        Assert.Contains("on trial", set.Error, StringComparison.Ordinal);
        Assert.Contains("Front door", scene.Must("config", "get", "porch-1", "device.name"), StringComparison.Ordinal);
        Assert.Equal(9, scene.Run("config", "set", "porch-1", "device.name=Back door", "--revision", "0123456789abcdef").Status); // somebody else was first
        scene.Must("config", "reset", "porch-1", "--keys", "device.name", "--no-wait");

        Assert.Contains("Broker 127.0.0.1", scene.Must("logs", "porch-2", "--lines", "500"), StringComparison.Ordinal);
        var update = scene.Run("update", "porch-2", "--url", "https://updates.example/x.tar.gz", "--manifest", await ManifestAsync(scene));
        Assert.Equal(9, update.Status);
        Assert.Contains("noHelper", update.Error, StringComparison.Ordinal); // there is none on this machine

        await scene.Agent("porch-2").StopAsync();
        Assert.Matches("porch-2 +offline", scene.Must("list", "--offline"));
        var (exit, _, words) = scene.Run("call", "porch-2", "device.info");
        Assert.Equal((10, true), (exit, words.Contains("offline; nothing was sent", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Thousands_of_devices_are_listed_in_a_moment()
    {
        Workplace.Need(Tool.Mosquitto);
        var count = Workplace.IsSoak ? 10_000 : 1_000;
        await using var broker = new Mosquitto();
        await broker.StartAsync("allow_anonymous true\nmax_queued_messages 200\nmax_inflight_messages 20\n"); // as in deploy/broker
        await using (var all = await TestClient.ConnectAsync(broker.Port, "all"))
        {
            for (var i = 0; i < count; i++)
                await all.PublishAsync(string.Create(CultureInfo.InvariantCulture, $"edgecam/v1/dev-{i:00000}/status"), $$"""{"v":1,"online":{{(i % 10 == 0 ? "false" : "true")}},"bootId":"1","name":"Device","version":"1.0.0","viewers":0,"cameras":[{"name":"cam0","state":"live"}]}""", retain: true);
        }

        var began = Stopwatch.StartNew();
        var list = Command.Run(Workplace.Agent, ["fleet", "list", "--broker", $"mqtt://127.0.0.1:{broker.Port}"]);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} devices listed in {began.Elapsed.TotalSeconds:F1} s"));
        Assert.Equal(count + 1, list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(count / 10, list.Split('\n').Count(static line => line.Contains("offline", StringComparison.Ordinal)));
    }

    /// <summary>The real five minutes.</summary>
    [Fact]
    public async Task A_setting_that_cuts_a_device_off_is_rolled_back_and_the_operator_is_told_why()
    {
        Assert.SkipUnless(Workplace.IsSoak, "takes five minutes: run.sh --soak Fleet");
        await using var scene = await FleetScene.StartAsync("porch-1");
        await scene.AddAsync("porch-1");
        var patch = Path.Combine(scene.Folder, "patch.json");
        await File.WriteAllTextAsync(patch, new JsonObject { ["mqtt"] = new JsonObject { ["broker"] = $"mqtt://127.0.0.1:{FreePort.Tcp()}", ["username"] = "x", ["password"] = "y" } }.ToJsonString());
        var (status, _, error) = await Task.Run(() => scene.Run("config", "set", "porch-1", "--file", patch));
        output.WriteLine(error);
        Assert.Equal(9, status);
        Assert.Contains("rolled back: ", error, StringComparison.Ordinal);
        Assert.Matches("porch-1 +online", scene.Must("list"));
        await scene.Agent("porch-1").StopAsync();
    }

    private static async Task<string> ManifestAsync(FleetScene scene)
    {
        var path = Path.Combine(scene.Folder, "manifest.jws");
        await File.WriteAllTextAsync(path, $"{TokenForge.Base64("""{"alg":"ES256","typ":"edgecam-update","kid":"x"}""")}.{TokenForge.Base64("""{"v":1,"product":"edgecam","version":"9.9.9"}""")}.AAAA");
        return path;
    }
}
