using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Several cameras, main stream and substream: viewers go from one to the other on one connection, and what one camera suffers costs nobody else anything.</summary>
public sealed class CamerasTests(ITestOutputHelper output)
{
    /// <summary>A freeze is a second; a machine that other tests keep busy may take another one for itself.</summary>
    private static double MaxPauseMs => Workplace.IsSoak ? 1000 : 2000;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private static int Times => Workplace.IsSoak ? 50 : 6;

    /// <summary>Milliseconds from change to change: an agent takes one each two seconds, after eight at once.</summary>
    private static int Pace => Workplace.IsSoak ? 2200 : 0;

    [Theory]
    [InlineData("camera")]
    [InlineData("software")]
    public async Task A_browser_sees_the_right_camera_each_time_on_one_connection(string encoder)
    {
        Workplace.Need(Tool.Node, Tool.Viewer, Tool.Chromium);
        await using var agent = await StartAsync(Two(encoder));
        string[] quality = encoder == "software" ? ["--quality"] : [];
        var watched = await Driver.RunAsync("select-chromium.mjs", TimeSpan.FromSeconds(60 + (Times * 5)), [agent.Url.AbsoluteUri, "--times", Driver.Number(Times), "--pace", Driver.Number(Pace), .. quality]);
        watched.MustBeOk();
        var switches = watched["switches"]!.AsArray();
        var waits = switches.Select(static step => step!["ms"]?.GetValue<double>() ?? double.MaxValue).Order().ToList();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{encoder}: {waits.Count} changes, median {waits[waits.Count / 2]:F0} ms, longest {waits[^1]:F0} ms, longest pause {watched.Number("longestPauseMs"):F0} ms"));

        watched.Must(switches.Count == Times && waits[Times / 2] < 2500 && waits[^1] < 6000, "each camera's picture should come");
        watched.Must(switches.All(static step => step!["strays"]!.GetValue<int>() == 0), "and no other camera's after it");
        watched.Must(switches.All(static step => Is(step, "camera") && Is(step, "chosen") && step!["note"]!.GetValue<string>().Length == 0), "the page should say which it is");
        watched.Must(watched.Number("longestPauseMs") < MaxPauseMs, "no freeze above a second");
        watched.Must(watched.Number("connections") == 1 && watched.Number("offers") == 1, "on the first connection, never negotiated anew");
        watched.Must(watched.States is ["connecting", "live"] && watched["problems"]!.AsArray().Count == 0, "and nothing else should have happened");
        watched.Must(encoder == "camera" || watched["qualities"]!.AsArray().All(static step => step!["width"] is not null && step["spoken"]!.GetValue<string>() == $"Quality: {step["key"]}"), "qualities should change the picture, and be spoken");
        await agent.StopAsync();

        static bool Is(JsonNode? step, string what) => step![what]!.GetValue<string>() == step["name"]!.GetValue<string>();
    }

    [Fact]
    public async Task Another_stack_decodes_the_right_camera_each_time()
    {
        Workplace.Need(Tool.Node, Tool.Ffmpeg);
        await using var agent = await StartAsync(Two("camera"));
        await using var viewer = await Operator.ConnectAsync(agent, new() { ["decode"] = Width });
        await SeeAsync(viewer, "cam0");
        await viewer.VideoAsync();
        List<double> waits = [], pauses = [];
        for (var i = 0; i < Times; i++)
        {
            var camera = i % 2 == 0 ? "cam1" : "cam0";
            var began = Stopwatch.GetTimestamp();
            await viewer.CallAsync("camera.select", new() { ["camera"] = camera });
            await SeeAsync(viewer, camera);
            waits.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            await Task.Delay(Math.Max(Pace, Random.Shared.Next(400, 800)));
            var video = await viewer.VideoAsync();
            pauses.Add(video["longestPauseMs"]!.GetValue<double>());
            Assert.Equal((Code(camera), 1), (video["camera"]!.GetValue<int>(), video["sources"]!.GetValue<int>()));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Times} changes: until decoded {waits.Order().ElementAt(Times / 2):F0} ms (median), {waits.Max():F0} ms at most; longest pause {pauses.Max():F0} ms"));
        Assert.True(pauses.Max() < MaxPauseMs, $"pauses: {string.Join(' ', pauses.Select(pause => pause.ToString("F0", CultureInfo.InvariantCulture)))}\n{viewer.Log}");
        await viewer.UntilHeardAsync(static said => said["method"]!.GetValue<string>() == "camera.switched" && said["params"]!["camera"]!.GetValue<string>() == "cam1");
        await agent.StopAsync();
    }

    [Fact]
    public async Task A_camera_that_stalls_dies_or_cannot_be_shown_is_named_and_its_viewers_and_the_other_camera_go_on()
    {
        Workplace.Need(Tool.Node, Tool.Mosquitto);
        await using var broker = new Mosquitto(); // the agent's own tells events to whoever manages only
        await broker.StartAsync();
        await using var agent = await StartAsync(Two("camera", hasNonsense: true) with { Broker = $"mqtt://127.0.0.1:{broker.Port}" });
        await using var client = await TestClient.ConnectAsync(broker.Port, "watcher");
        Assert.Equal(MQTTnet.MqttClientSubscribeResultCode.GrantedQoS1, await client.SubscribeAsync($"edgecam/v1/{agent.Device}/event/camera"));
        await using var viewer = await Operator.ConnectAsync(agent);
        await viewer.CallAsync("camera.select", new() { ["camera"] = "cam1" });
        await GrowAsync(viewer);

        var stalled = Stopwatch.GetTimestamp();
        await ChildProcess.SignalAsync(CameraOf(agent, "cam1"), "STOP");
        var lost = await EventAsync(agent, client, "lost", "cam1");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a camera that stalls is lost after {Stopwatch.GetElapsedTime(stalled).TotalSeconds:F1} s: {lost["detail"]}"));
        Assert.Contains("No picture for 3 s", lost["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        await viewer.CallAsync("camera.select", new() { ["camera"] = "cam0" });
        await GrowAsync(viewer); // the other one goes on
        await EventAsync(agent, client, "back", "cam1");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"and back after {Stopwatch.GetElapsedTime(stalled).TotalSeconds:F1} s"));

        await viewer.CallAsync("camera.select", new() { ["camera"] = "cam1" });
        await GrowAsync(viewer);
        client.Received.Clear();
        var killed = Stopwatch.GetTimestamp();
        await ChildProcess.SignalAsync(CameraOf(agent, "cam1"), "KILL");
        await EventAsync(agent, client, "lost", "cam1");
        await EventAsync(agent, client, "back", "cam1");
        await GrowAsync(viewer); // who watched it has it back, on the same connection
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one that is killed is back after {Stopwatch.GetElapsedTime(killed).TotalSeconds:F1} s"));

        await agent.UntilCameraIsAsync("cam2", "refused");

        var refusal = await viewer.MustRefuseAsync("camera.select", new() { ["camera"] = "cam2" });
        Assert.Equal(-32004, refusal["code"]!.GetValue<int>());
        Assert.Contains("camera cam2 has no picture now: What the camera's process writes to stdout is not H.264", refusal["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal(-32002, (await viewer.MustRefuseAsync("camera.select", new() { ["camera"] = "attic" }))["code"]!.GetValue<int>());
        await GrowAsync(viewer);
        Assert.Equal(1, (await agent.GetHealthAsync())["viewers"]!.GetValue<int>());
        await agent.StopAsync();
    }

    [Fact]
    public async Task A_camera_that_nobody_watches_costs_next_to_nothing_where_it_encodes_itself()
    {
        Workplace.Need(Tool.Ffmpeg);
        var clip = Path.Combine(Path.GetTempPath(), $"edgecam-{Guid.NewGuid():N}.h264");
        try
        {
            await Task.Run(() => Command.Run(Workplace.Sims, ["camera", "--timeout", "0", "--frames", "120", "--unpaced", "--width", "1920", "--height", "1080", "--bitrate", "4000000", "--inline", "--output", clip]));
            var seconds = Workplace.IsSoak ? 60 : 8;
            double alone = 0, both = 0;
            foreach (var count in (int[])[1, 3])
            {
                await using var agent = await AgentProcess.StartAsync(new(Adjust: content => content["cameras"] = new JsonArray([.. Enumerable.Range(0, count).Select(i => (JsonNode)Clip(clip, i))])));
                await Task.Delay(TimeSpan.FromSeconds(4));
                var before = ProcessUse.TicksOf(agent.Id);
                await Task.Delay(TimeSpan.FromSeconds(seconds));
                (alone, both) = (both, (ProcessUse.TicksOf(agent.Id) - before) / 100.0 / seconds);
                await agent.StopAsync();
            }

            var each = (both - alone) / 2;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"1080p30 as it comes, without viewers: {alone:P1} of a core with one camera, {both:P1} with three, so {each:P2} each"));
            Assert.True(each <= 0.02, $"{each:P2} of a core");
        }
        finally
        {
            File.Delete(clip);
        }
    }

    [Fact]
    public async Task Two_cameras_main_and_substream_are_steady_for_ten_viewers()
    {
        await using var agent = await StartAsync(Two("software"));
        var viewers = new List<LoadViewer>();
        try
        {
            for (var i = 0; i < 10; i++)
            {
                viewers.Add(await LoadViewer.JoinAsync(agent.Whep($"cam{i % 2}")));
                await viewers[i].WaitForPictureAsync(s_limit);
            }

            foreach (var viewer in viewers.Take(4)) // two of each camera
                viewer.Say(viewer.OpenControl(), """{"jsonrpc":"2.0","id":1,"method":"camera.select","params":{"stream":"sub"}}""");
            await Task.Delay(TimeSpan.FromSeconds(4));
            ProcessUse? first = null;
            var (ends, period) = (Stopwatch.GetTimestamp() + (Stopwatch.Frequency * (Workplace.IsSoak ? 1800 : 8)), TimeSpan.FromSeconds(Workplace.IsSoak ? 60 : 4));
            while (Stopwatch.GetTimestamp() < ends)
            {
                var before = viewers.Select(static viewer => viewer.Pictures).ToList();
                await Task.Delay(period);
                var rates = viewers.Select((viewer, i) => (viewer.Pictures - before[i]) / period.TotalSeconds).ToList();
                var use = ProcessUse.Of(agent.Id);
                first ??= use;
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pictures a second: {string.Join(' ', rates.Select(static rate => rate.ToString("F1", CultureInfo.InvariantCulture)))}; {use}"));
                Assert.True(rates.Min() > 5, "every viewer should have its picture");
                Assert.True(use.ResidentKilobytes < (first.ResidentKilobytes * 1.3) + 20_000 && use.Descriptors <= first.Descriptors + 2 && use.Threads <= first.Threads + 4, $"{first} -> {use}");
            }

            Assert.All(viewers, static viewer => Assert.Null(viewer.Failure));
            Assert.All((await agent.GetHealthAsync())["cameras"]!.AsArray(), static camera => Assert.Equal("live", camera!["state"]!.GetValue<string>()));
            Assert.DoesNotContain("lost", agent.Log, StringComparison.Ordinal);
            await agent.StopAsync();
        }
        finally
        {
            viewers.ForEach(static viewer => viewer.Dispose());
        }
    }

    private const int Width = 512;

    /// <summary>An agent is ready when one of its cameras is: here both are needed.</summary>
    private static async Task<AgentProcess> StartAsync(AgentSettings settings)
    {
        var agent = await AgentProcess.StartAsync(settings);
        try
        {
            await agent.UntilCameraIsAsync("cam0", "live");
            await agent.UntilCameraIsAsync("cam1", "live");
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <param name="hasNonsense">A third one writes something else than pictures.</param>
    private static AgentSettings Two(string encoder, bool hasNonsense = false) => new(Width: Width, Height: 288, FrameRate: 15, Bitrate: 500_000, KeyFrameInterval: 30, Encoder: encoder, Adjust: content =>
    {
        var cameras = content["cameras"]!.AsArray();
        var first = cameras[0]!.AsObject();
        for (var i = 0; i < (hasNonsense ? 3 : 2); i++)
        {
            var camera = i == 0 ? first : first.DeepClone().AsObject();
            camera["name"] = $"cam{i}";
            camera["extraArguments"] = new JsonArray("--name", $"cam{i}", "--seed", $"{i + 1}");
            if (i == 2)
                camera["command"] = new JsonArray("/bin/sh", "-c", "exec yes", "camera");
            if (i > 0)
                cameras.Add(camera);
        }
    });

    /// <summary>A camera that costs what its process costs, and that is not the agent.</summary>
    private static JsonObject Clip(string clip, int number) => new JsonObject
    {
        ["name"] = $"cam{number}",
        ["source"] = "rpicam:0",
        ["command"] = new JsonArray("/bin/sh", "-c", $"exec ffmpeg -loglevel error -r 30 -re -stream_loop -1 -i {clip} -c copy -f h264 -", "camera"),
        ["width"] = 1920,
        ["height"] = 1080,
        ["bitrate"] = 4_000_000,
    };

    private static int Code(string camera) => Sims.Camera.FrameCode.CameraOf(camera);

    private static async Task SeeAsync(Operator viewer, string camera)
    {
        var end = DateTime.UtcNow.AddSeconds(10);
        JsonNode video;
        while ((video = await viewer.VideoAsync())["camera"]?.GetValue<int>() != Code(camera))
        {
            Assert.True(DateTime.UtcNow < end, $"{camera} is not seen: {video.ToJsonString()}\n{viewer.Log}");
            await Task.Delay(10);
        }
    }

    /// <summary>Sees that pictures come.</summary>
    private static async Task GrowAsync(Operator viewer)
    {
        var before = (await viewer.VideoAsync())["frames"]!.GetValue<int>();
        for (var end = DateTime.UtcNow.AddSeconds(10); (await viewer.VideoAsync())["frames"]!.GetValue<int>() < before + 15; await Task.Delay(50))
            Assert.True(DateTime.UtcNow < end, $"no pictures come\n{viewer.Log}");
    }

    private static async Task<JsonNode> EventAsync(AgentProcess agent, TestClient client, string kind, string camera)
    {
        JsonNode? found = null;
        await Wait.UntilAsync(() => (found = client.Received.Select(static message => JsonNode.Parse(message.Text)!).FirstOrDefault(Fits)) is not null, () => $"{camera} {kind}; but {string.Join('\n', client.Received)}\n{agent.Log}", 20);
        return found!;

        bool Fits(JsonNode said) => said["kind"]!.GetValue<string>() == kind && said["camera"]!.GetValue<string>() == camera;
    }

    /// <summary>The process of the camera with that name.</summary>
    private static int CameraOf(AgentProcess agent, string name) => agent.Cameras.First(id => File.ReadAllText($"/proc/{id}/cmdline").Contains($"--name\0{name}\0", StringComparison.Ordinal));
}
