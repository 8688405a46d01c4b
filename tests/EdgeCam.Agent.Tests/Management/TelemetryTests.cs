using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Management;

/// <summary>What the device tells of how it does, and when.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task A_message_has_what_an_operator_asks_for_and_rates_of_the_time_between()
    {
        var rig = new TelemetryRig();
        rig.Streams = [new("cam0", 1000, 20, 2_000_000, new("cam0 (substream)", 0, 0, 0))];
        rig.Viewers = [TelemetryRig.Viewer("alice/session-0001", 1_000_000)];
        rig.Drops.Add((Stage.Pace, DropReason.SlowReceiver, 7));
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        await rig.Builder.BuildAsync();
        rig.Time.Advance(TimeSpan.FromSeconds(10));
        rig.Streams = [new("cam0", 1300, 25, 2_100_000, new("cam0 (substream)", 150, 3, 300_000))];
        rig.Viewers = [TelemetryRig.Viewer("alice/session-0001", 3_500_000)];

        var message = JsonElement.Parse(await rig.Builder.BuildAsync());

        Assert.Equal(1, message.GetProperty("v").GetInt32());
        Assert.Equal(rig.Time.GetUtcNow().ToUnixTimeMilliseconds(), message.GetProperty("at").GetInt64());
        Assert.Equal("0011223344556677", message.GetProperty("bootId").GetString());
        Assert.Equal(20, message.GetProperty("uptime").GetInt64());
        Assert.True(message.GetProperty("memory").GetProperty("process").GetInt64() > 1_000_000);
        Assert.Equal(51.5, message.GetProperty("board").GetProperty("temperatureCelsius").GetDouble());
        Assert.False(message.GetProperty("board").TryGetProperty("underVoltage", out _)); // not known
        Assert.Equal(-56, message.GetProperty("wifi").GetProperty("signalDbm").GetInt32());
        Assert.Equal(7, message.GetProperty("drops").GetProperty("Pace").GetProperty("SlowReceiver").GetInt64());
        var camera = message.GetProperty("cameras")[0];
        Assert.Equal(("live", 1300L, 30.0, 25L, 2_100_000L), (camera.GetProperty("state").GetString(), camera.GetProperty("frames").GetInt64(), camera.GetProperty("framesPerSecond").GetDouble(),
            camera.GetProperty("keyFrames").GetInt64(), camera.GetProperty("bitrate").GetInt64()));
        Assert.Equal(15.0, camera.GetProperty("substream").GetProperty("framesPerSecond").GetDouble());
        var viewer = message.GetProperty("viewers")[0];
        Assert.Equal((2_000_000L, 42.0, 0.013, "direct", 3_000_000L), (viewer.GetProperty("bitrate").GetInt64(), viewer.GetProperty("roundTrip").GetDouble(), viewer.GetProperty("loss").GetDouble(),
            viewer.GetProperty("path").GetString(), viewer.GetProperty("estimate").GetInt64()));
        Assert.Equal(1, message.GetProperty("viewerCount").GetInt32());
    }

    [Fact]
    public async Task An_output_is_told_whether_connected_or_not_and_is_no_viewer()
    {
        var rig = new TelemetryRig { Outputs = [new("sfu", "cam0", "publishing", "sfu.example"), new("other", "cam0", "failed", "b.example", "it is not there")] };
        rig.Viewers = [TelemetryRig.Viewer("alice"), TelemetryRig.Viewer("output sfu") with { Output = "sfu" }];

        var message = JsonElement.Parse(await rig.Builder.BuildAsync());

        Assert.Equal(1, message.GetProperty("viewers").GetArrayLength());
        var (first, second) = (message.GetProperty("outputs")[0], message.GetProperty("outputs")[1]);
        Assert.Equal(("sfu", "publishing", 3_000_000L, 50L), (first.GetProperty("name").GetString(), first.GetProperty("state").GetString(), first.GetProperty("estimate").GetInt64(), first.GetProperty("frames").GetInt64()));
        Assert.Equal(("failed", "it is not there"), (second.GetProperty("state").GetString(), second.GetProperty("detail").GetString()));
        Assert.False(second.TryGetProperty("estimate", out _));
        Assert.False(JsonElement.Parse(await new TelemetryRig().Builder.BuildAsync()).TryGetProperty("outputs", out _));
    }

    [Fact]
    public async Task Addresses_and_names_of_sessions_are_told_only_where_they_are_to_be_shown()
    {
        var hidden = new TelemetryRig { Viewers = [TelemetryRig.Viewer("alice/session-0001")] };
        var shown = new TelemetryRig(new(Addresses: "shown")) { Viewers = [TelemetryRig.Viewer("alice/session-0001")] };

        var without = Encoding.UTF8.GetString(await hidden.Builder.BuildAsync());
        var with = Encoding.UTF8.GetString(await shown.Builder.BuildAsync());

        Assert.DoesNotContain("192.0.2.7", without, StringComparison.Ordinal);
        Assert.Contains("192.0.2.7:5000", with, StringComparison.Ordinal);
        Assert.All([without, with], text => Assert.DoesNotContain("session-0001", text, StringComparison.Ordinal)); // whoever knows a session's name may end it
        Assert.Contains($"\"id\":\"{hidden.Builder.ShortId("alice/session-0001")}\"", without, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_viewers_the_busiest_are_listed_and_the_message_stays_small()
    {
        var rig = new TelemetryRig();
        rig.Viewers = [.. Enumerable.Range(0, 1000).Select(i => TelemetryRig.Viewer($"viewer-{i}", 1000L * i))];
        rig.Cameras = [.. Enumerable.Range(0, 16).Select(i => new CameraReport($"camera-{i}", "lost", 1920, 1080, new string('x', 5000)))];
        foreach (var stage in Enum.GetValues<Stage>())
        {
            foreach (var reason in Enum.GetValues<DropReason>())
                rig.Drops.Add((stage, reason, long.MaxValue));
        }

        rig.Time.Advance(TimeSpan.FromSeconds(8));
        var bytes = await rig.Builder.BuildAsync();

        var message = JsonElement.Parse(bytes);
        Assert.InRange(bytes.Length, 1, 32 * 1024);
        Assert.Equal(32, message.GetProperty("viewers").GetArrayLength());
        Assert.Equal(999_000, message.GetProperty("viewers")[0].GetProperty("bitrate").GetInt64());
        Assert.Equal(968, message.GetProperty("moreViewers").GetProperty("count").GetInt32());
        Assert.Equal(Enumerable.Range(0, 968).Sum(static i => 1000L * i), message.GetProperty("moreViewers").GetProperty("bitrate").GetInt64());
        Assert.Equal(1000, message.GetProperty("viewerCount").GetInt32());
    }

    [Fact]
    public async Task An_idle_device_sends_little()
    {
        var rig = new TelemetryRig();
        rig.Time.Advance(TimeSpan.FromSeconds(30));

        var bytes = await rig.Builder.BuildAsync();

        Assert.InRange(bytes.Length, 300, 800); // 2880 of them a day: 2.3 MB at most
    }

    [Fact]
    public async Task A_loop_that_hangs_costs_its_figures_and_not_the_message()
    {
        var rig = new TelemetryRig { Describe = static () => new TaskCompletionSource<IReadOnlyList<ViewerReport>>().Task };

        var building = rig.Builder.BuildAsync();
        rig.Time.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal(0, JsonElement.Parse(await building.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken)).GetProperty("viewers").GetArrayLength());
    }

    [Fact]
    public async Task It_is_told_each_period_and_at_once_where_it_matters_but_never_in_a_flood()
    {
        var rig = new TelemetryRig(new(PeriodSeconds: 30));
        var said = new List<(double At, byte[] Json)>();
        int? connection = null;
        var reporter = new TelemetryReporter(() => rig.Options, rig.Builder, rig.Sources, () => connection, (json, _) => said.Add((rig.Time.GetTimestamp() / (double)TimeSpan.TicksPerSecond, json)), rig.Time);
        async Task LookAsync(int seconds)
        {
            for (var i = 0; i < seconds; i++)
            {
                rig.Time.Advance(TimeSpan.FromSeconds(1));
                await reporter.LookAsync();
            }
        }

        await LookAsync(10);
        Assert.Empty(said); // no broker
        connection = 1;
        await LookAsync(90); // at 11, 41 and 71
        Assert.Equal([11, 41, 71], said.Select(static message => message.At));
        rig.Cameras = [new("cam0", "lost", 1280, 720)];
        await LookAsync(1);
        Assert.Equal(101, said[^1].At);
        rig.Cameras = [new("cam0", "live", 1280, 720)];
        await LookAsync(4);
        Assert.Equal(101, said[^1].At); // five seconds between two
        await LookAsync(1);
        Assert.Equal(106, said[^1].At);
        rig.Viewers = [TelemetryRig.Viewer("a")];
        await LookAsync(5);
        Assert.Equal(111, said[^1].At);
        rig.Board = rig.Board with { Board = rig.Board.Board with { Throttled = true } };
        await LookAsync(5);
        Assert.Equal(116, said[^1].At);
        connection = 2; // another connection: whoever subscribes there shall not wait
        await LookAsync(5);
        Assert.Equal(121, said[^1].At);
        await LookAsync(29);
        Assert.Equal(121, said[^1].At);
        rig.Options = rig.Options with { PeriodSeconds = 5 }; // set while it runs: at once, and not after the old one
        await LookAsync(1);
        Assert.Equal(151, said[^1].At);
        await LookAsync(5);
        Assert.Equal(156, said[^1].At);
    }

    [Fact]
    public void Processors_are_told_by_the_time_that_was_used()
    {
        var root = Directory.CreateTempSubdirectory("edgecam-cpu").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "proc"));
            void Stat(int user, int idle, int wait) => File.WriteAllText(Path.Combine(root, "proc/stat"), $"cpu  {user} 0 100 {idle} {wait} 0 0 0 0 0\ncpu0 1 2 3 4\n");
            var time = new ManualTime();
            var used = TimeSpan.Zero;
            Stat(1000, 5000, 0);
            var meter = new CpuMeter(time, root, () => used);
            time.Advance(TimeSpan.FromSeconds(10));
            used = TimeSpan.FromSeconds(15);
            Stat(1300, 5600, 100);

            Assert.Equal((1.5, 0.3), meter.Read());
            Assert.Equal((0, null), meter.Read()); // no time has passed
            Assert.Null(new CpuMeter(time, "/nowhere", () => used).Read().System);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
