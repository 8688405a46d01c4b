using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Management.HomeAssistant;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Management;

/// <summary>What Home Assistant finds at the broker, and what it may do.</summary>
public sealed class HomeAssistantTests : IDisposable
{
    private const string Jinja = "/usr/bin/python3";

    private readonly HomeAssistantRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_published_is_what_its_documentation_allows(bool takesCommands)
    {
        await _rig.Bridge(takesCommands).RefreshAsync();

        Assert.Equal(("homeassistant/device/dev/config", "edgecam/v1/dev/ha/state"), (_rig.Said[0].Topic, _rig.Said[1].Topic));
        Assert.Empty(HomeAssistantSchema.Mistakes(_rig.Said[0].Topic, Encoding.UTF8.GetBytes(_rig.Said[0].Text)));
        var components = _rig.Components();
        foreach (var expected in new[] { "camera_cam0", "camera_cam-1", "viewers", "cpu", "uptime", "temperature", "memory", "disk", "wifi", "throttled", "bitrate_cam0", "frames_cam-1", "gpio_bell" })
            Assert.True(components.TryGetProperty(expected, out _), expected);
        Assert.False(components.TryGetProperty("undervoltage", out _)); // this board does not tell
        Assert.Equal(takesCommands, components.TryGetProperty("ptz_cam0_preset_1", out _));
        Assert.Equal(takesCommands ? "switch" : "binary_sensor", components.GetProperty("gpio_lamp").GetProperty("platform").GetString());
        Assert.Equal("binary_sensor", components.GetProperty("gpio_bell").GetProperty("platform").GetString());
        Assert.False(components.TryGetProperty("ptz_cam0_preset_9", out _)); // asks for more than Home Assistant has
    }

    [Fact]
    public void The_schema_of_these_tests_finds_mistakes()
    {
        const string Bad = """
            { "device": { "name": "a" }, "origin": {}, "components": { "a": { "platform": "sensor", "state_topic": "a/#", "device_class": "temperature", "unit_of_measurement": "s", "color": 1 },
              "b": { "platform": "button", "unique_id": "b" }, "c": { "platform": "teapot" } }, "extra": 1 }
            """;
        Assert.Equal(
            ["topic a/config", "extra is no key", "device has no identifier", "origin has no name", "a.color is no key", "a.unique_id is missing", "a.state_topic: \"a/#\"",
                "a.device_class: \"temperature\"", "b.command_topic is missing", "c has no known platform"],
            HomeAssistantSchema.Mistakes("a/config", Encoding.UTF8.GetBytes(Bad)));
    }

    /// <summary>Its templates by the very library that Home Assistant reads them with, on what the device publishes.</summary>
    [Fact]
    public async Task Its_templates_find_their_values_in_what_is_published()
    {
        Assert.SkipUnless(File.Exists(Jinja) && Tool.Run(Jinja, ["-c", "import jinja2"]).Exit == 0, "there is no jinja2 here: apt-get install python3-jinja2");
        _rig.Device.Time.Advance(TimeSpan.FromSeconds(100));
        _rig.Device.Streams = [new("cam0", 3000, 50, 1_500_000)];
        _rig.Device.Cameras = [new("cam0", "live", 1280, 720), new("cam-1", "lost", 640, 480)];
        await _rig.Bridge().RefreshAsync();
        var messages = new Dictionary<string, string>
        {
            [_rig.Topics.Telemetry] = Encoding.UTF8.GetString(await _rig.Device.Builder.BuildAsync()),
            [_rig.Topics.Status] = Encoding.UTF8.GetString(StatusMessage.WhenOnline(_rig.Device.Device, _rig.Device.Cameras, null, viewers: 3)),
            [_rig.Topics.State] = _rig.Said.Last(message => message.Topic == _rig.Topics.State).Text,
        };
        var questions = _rig.Components().EnumerateObject().Where(static component => component.Value.TryGetProperty("value_template", out _))
            .Select(component => new { name = component.Name, template = component.Value.GetProperty("value_template").GetString(), json = messages[component.Value.GetProperty("state_topic").GetString()!] });
        const string Script = "import jinja2,json,sys\nfor q in json.loads(sys.argv[1]):\n print(q['name'], jinja2.Environment().from_string(q['template']).render(value_json=json.loads(q['json'])))";

        var answers = Tool.Read(Jinja, "-c", Script, JsonSerializer.Serialize(questions)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            [
                "bitrate_cam-1 0", "bitrate_cam0 1500000", "camera_cam-1 OFF", "camera_cam0 ON", "cpu 0", "disk 37.5", "frames_cam-1 0", "frames_cam0 30", "gpio_bell ON", "gpio_lamp OFF",
                "memory 25.0", "temperature 51.5", "throttled OFF", "uptime 100", "viewers 3", "wifi -56",
            ],
            answers.Select(static answer => answer.EndsWith(" 0.0", StringComparison.Ordinal) ? answer[..^2] : answer).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task It_is_told_once_and_again_where_something_changed_or_the_broker_is_another()
    {
        var bridge = _rig.Bridge();
        await bridge.RefreshAsync();
        await bridge.RefreshAsync();
        Assert.Equal(2, _rig.Said.Count);

        _rig.Lamp = true;
        await bridge.RefreshAsync();
        Assert.Equal((_rig.Topics.State, """{"gpio":{"lamp":"ON","bell":"ON"}}"""), _rig.Said[^1]);
        _rig.Lamp = null;
        await bridge.RefreshAsync();
        Assert.Contains("\"lamp\":null", _rig.Said[^1].Text, StringComparison.Ordinal);
        Assert.Equal(4, _rig.Said.Count);

        _rig.Connection = null;
        await bridge.RefreshAsync();
        Assert.Equal(4, _rig.Said.Count);
        _rig.Connection = 2;
        await bridge.RefreshAsync();
        Assert.Equal([_rig.Topics.Discovery, _rig.Topics.State], _rig.Said.Skip(4).Select(static message => message.Topic));
    }

    [Fact]
    public async Task A_preset_that_is_gone_is_taken_away_there_too()
    {
        var bridge = _rig.Bridge();
        await bridge.RefreshAsync();
        _rig.Presets.RemoveAt(1);
        await bridge.RefreshAsync();

        Assert.Equal("""{"platform":"button"}""", _rig.Components().GetProperty("ptz_cam0_preset_2").GetRawText());
        Assert.Empty(HomeAssistantSchema.Mistakes(_rig.Topics.Discovery, Encoding.UTF8.GetBytes(_rig.Said[^1].Text)));
    }

    [Fact]
    public async Task What_was_told_under_another_prefix_is_taken_away()
    {
        Assert.True(_rig.Memory.TrySave(new(["ha/device/dev/config", _rig.Topics.State], new Dictionary<string, string> { ["viewers"] = "sensor" })));
        using var stop = new CancellationTokenSource();
        var running = _rig.Bridge().RunAsync(stop.Token);
        await AdvanceUntilAsync(() => _rig.Said.Count >= 3, "it is told");
        await stop.CancelAsync();
        await running;

        Assert.Equal([("ha/device/dev/config", ""), (_rig.Topics.Discovery, _rig.Said[1].Text), (_rig.Topics.State, _rig.Said[2].Text)], _rig.Said.Take(3));
    }

    [Fact]
    public async Task Commands_become_the_devices_own_methods()
    {
        var bridge = _rig.Bridge();
        foreach (var (topic, order) in new[] { ("ptz/cam0", "home"), ("ptz/cam0", "stop"), ("ptz/cam0", "preset 2"), ("gpio/lamp", "ON"), ("gpio/lamp", "OFF") })
            await bridge.TakeAsync($"edgecam/v1/dev/ha/{topic}", order);

        Assert.Equal(
            [
                """ptz.home {"camera":"cam0"}""", """ptz.stop {"camera":"cam0"}""", """ptz.gotoPreset {"camera":"cam0","token":"2"}""", """gpio.write {"line":"lamp","value":true}""",
                """gpio.write {"line":"lamp","value":false}""",
            ],
            _rig.Calls);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_counted_and_said()
    {
        var bridge = _rig.Bridge();
        await bridge.TakeAsync("edgecam/v1/dev/ha/gpio/lamp", "maybe");
        await bridge.TakeAsync("edgecam/v1/dev/ha/ptz/cam0", "dance");
        await bridge.TakeAsync("edgecam/v1/dev/ha/ptz/cam0\nInjected line", "home");
        await bridge.TakeAsync("edgecam/v1/dev/ha/config/x", "ON");
        _rig.Error = "Ann holds control";
        await bridge.TakeAsync("edgecam/v1/dev/ha/ptz/cam0", "home");
        bridge.Receive(new("edgecam/v1/dev/ha/gpio/lamp", "ON"u8.ToArray(), Retained: true));
        bridge.Receive(new("edgecam/v1/dev/ha/gpio/lamp", new byte[1000], Retained: false));

        Assert.Equal(["ptz.home {\"camera\":\"cam0\"}"], _rig.Calls);
        Assert.Equal((3L, 2L, 1L, 1L), (_rig.Drops[Stage.Control, DropReason.Forbidden], _rig.Drops[Stage.Control, DropReason.BadTopic],
            _rig.Drops[Stage.Control, DropReason.Retained], _rig.Drops[Stage.Control, DropReason.Oversized]));
        Assert.Equal(1, _rig.Log.Count("Ann holds control"));
        Assert.Equal(0, _rig.Log.Count("Injected"));
    }

    [Fact]
    public async Task Commands_are_bounded()
    {
        var bridge = _rig.Bridge();
        for (var i = 0; i < 100; i++)
            await bridge.TakeAsync("edgecam/v1/dev/ha/gpio/lamp", "ON");
        Assert.Equal(20, _rig.Calls.Count);
        Assert.Equal(80, _rig.Drops[Stage.Control, DropReason.RateLimited]);

        for (var i = 0; i < 100; i++)
            bridge.Receive(new("edgecam/v1/dev/ha/gpio/lamp", "ON"u8.ToArray(), Retained: false));
        Assert.Equal(68, _rig.Drops[Stage.Control, DropReason.QueueFull]);
    }

    [Fact]
    public async Task Where_it_is_switched_off_the_broker_is_left_clean()
    {
        await _rig.Bridge().RefreshAsync();
        var cleared = new List<string>();
        using var stop = new CancellationTokenSource();
        var time = _rig.Device.Time;
        _rig.Connection = null;
        var running = new HomeAssistantFarewell(_rig.Memory, () => _rig.Connection, cleared.Add, time).RunAsync(stop.Token);
        time.Advance(TimeSpan.FromSeconds(10));
        _rig.Connection = 5;
        await AdvanceUntilAsync(() => cleared.Count == 2, "it was told");
        Assert.Equal([_rig.Topics.Discovery, _rig.Topics.State], cleared);
        Assert.NotEmpty(_rig.Memory.Load().Topics); // until it is sure that the broker has heard
        _rig.Connection = 6;
        await AdvanceUntilAsync(() => _rig.Memory.Load().Topics.Count == 0, "it is done");
        Assert.Equal(4, cleared.Count); // once more on the other connection

        await stop.CancelAsync();
        await running;
    }

    private async Task AdvanceUntilAsync(Func<bool> condition, string what) => await Wait.UntilAsync(() =>
    {
        _rig.Device.Time.Advance(TimeSpan.FromSeconds(2));
        return condition();
    }, what);
}
