using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.WebRtc.Primitives;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Ptz;

/// <summary>The methods over a dispatcher and the devices' loop, in virtual time: two servo heads.</summary>
public sealed class PtzMethodsTests : IAsyncLifetime, IPortOpener
{
    private readonly ManualTime _time = new();
    private readonly DropCounters _drops = new();
    private readonly ControlAudience _audience = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-ptz-").FullName;
    private readonly List<FakePort> _ports = [];
    private readonly Dictionary<string, List<JsonElement>> _told = [];
    private readonly List<(string Camera, JsonElement Status)> _events = [];
    private readonly DeviceLoop _loop;
    private readonly PtzService _service;
    private readonly ControlDispatcher _dispatcher;
    private Task _running = Task.CompletedTask;

    public PtzMethodsTests()
    {
        _loop = new(() => new(_time.GetTimestamp()), _time, _ => { }, _drops, NullLogger<DeviceLoop>.Instance);
        PtzOptions[] options = [new("cam0", "pwm:/chip0", Zoom: new(Enabled: false)), new("cam1", "digital:")];
        _service = new(options, this, _loop, _audience, _folder, _ => null, NullLogger<PtzService>.Instance, () => new(_time.GetTimestamp()))
        {
            OnEvent = (camera, json) => _events.Add((camera, JsonElement.Parse(Encoding.UTF8.GetString(json)))),
        };
        _dispatcher = new(new(_service.Methods), _time, _drops, NullLogger<ControlDispatcher>.Instance);
    }

    public async ValueTask InitializeAsync()
    {
        Join("ann", AccessScope.View | AccessScope.Ptz);
        Join("bob", AccessScope.View | AccessScope.Ptz);
        Join("chief", AccessScope.All);
        Join("guest", AccessScope.View);
        Join("elsewhere", AccessScope.All, "cam1");
        _running = _loop.RunAsync(_stop.Token);
        await _loop.InvokeAsync(_ =>
        {
            foreach (var port in _ports)
                port.Open();
            return true;
        });
        await RunAsync(40);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        _drops.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    IDevicePort IPortOpener.Open(PortPlan plan, IPortUser user)
    {
        _ports.Add(new(plan, user, () => new(_time.GetTimestamp())));
        return _ports[^1];
    }

    [Fact]
    public async Task A_move_moves_the_caller_s_own_camera_and_everybody_who_watches_it_is_told()
    {
        Assert.Equal("{}", (await CallAsync("ann", "ptz.continuousMove", """{"pan":0.5}""")).ToString());
        await RunAsync(200);
        var status = await CallAsync("guest", "ptz.status");
        Assert.Equal("cam0", status.GetProperty("camera").GetString());
        Assert.Equal("pwm", status.GetProperty("driver").GetString());
        Assert.Equal("ready", status.GetProperty("state").GetString());
        Assert.True(status.GetProperty("moving").GetBoolean());
        Assert.False(status.GetProperty("axes").TryGetProperty("zoom", out _));
        Assert.True(status.GetProperty("axes").GetProperty("pan").GetProperty("position").GetDouble() > 0);
        Assert.True(_told["ann"][^1].GetProperty("control").GetProperty("you").GetBoolean());
        Assert.False(_told["bob"][^1].GetProperty("control").GetProperty("you").GetBoolean());
        Assert.Equal("Ann", _told["bob"][^1].GetProperty("control").GetProperty("holder").GetString());
        Assert.True(_told["chief"][^1].GetProperty("control").GetProperty("canTake").GetBoolean());
        Assert.False(_told["guest"][^1].GetProperty("control").GetProperty("canTake").GetBoolean());
        Assert.Equal("moved", _told["guest"][^1].GetProperty("reason").GetString());
        Assert.DoesNotContain(_told["elsewhere"], told => told.GetProperty("camera").GetString() == "cam0");
        await RunAsync(600);
        Assert.Contains(_told["ann"], told => told.TryGetProperty("reason", out var reason) && reason.GetString() == "dead-man");
        Assert.Contains(_events, told => told.Camera == "cam0" && told.Status.TryGetProperty("reason", out var reason) && reason.GetString() == "dead-man");
        Assert.DoesNotContain(_events, told => told.Status.TryGetProperty("reason", out var reason) && reason.GetString() == "moved");
    }

    [Theory]
    [InlineData("ptz.continuousMove", """{"pan":2}""")]
    [InlineData("ptz.continuousMove", """{"pan":1e999}""")]
    [InlineData("ptz.continuousMove", """{"pan":"fast"}""")]
    [InlineData("ptz.continuousMove", """{"pan":[1]}""")]
    [InlineData("ptz.continuousMove", """{"pan":true}""")]
    [InlineData("ptz.continuousMove", """{}""")]
    [InlineData("ptz.continuousMove", """{"zoom":1}""")]
    [InlineData("ptz.continuousMove", """{"pan":1,"timeout":5}""")]
    [InlineData("ptz.continuousMove", """{"pan":1,"timeout":99999}""")]
    [InlineData("ptz.continuousMove", """{"pan":1,"seq":1.5}""")]
    [InlineData("ptz.continuousMove", """{"pan":1,"seq":-1}""")]
    [InlineData("ptz.continuousMove", """{"pan":1,"camera":7}""")]
    [InlineData("ptz.absoluteMove", """{"pan":1.01}""")]
    [InlineData("ptz.absoluteMove", """{"pan":1,"speed":2}""")]
    [InlineData("ptz.absoluteMove", """{"zoom":-1}""")]
    [InlineData("ptz.relativeMove", """{"pan":2.1}""")]
    [InlineData("ptz.gotoPreset", """{}""")]
    [InlineData("ptz.gotoPreset", """{"token":1}""")]
    [InlineData("ptz.setPreset", """{"name":""}""")]
    [InlineData("ptz.setPreset", """{"name":"A","scope":"root"}""")]
    [InlineData("ptz.setPreset", """{"name":"A","thumbnail":"AAAA"}""")]
    public async Task What_makes_no_sense_is_refused_and_moves_nothing(string method, string parameters)
    {
        await CallAsync("ann", "ptz.continuousMove", """{"pan":0.5}"""); // it has been somewhere, so a preset could be set
        await CallAsync("ann", "ptz.stop");
        await RunAsync(200);
        var before = await CallAsync("ann", "ptz.status");
        Assert.Equal(-32602, await ErrorAsync("ann", method, parameters));
        await RunAsync(200);
        var after = await CallAsync("ann", "ptz.status");
        Assert.Equal(before.GetProperty("axes").ToString(), after.GetProperty("axes").ToString());
        Assert.False(after.GetProperty("moving").GetBoolean());
    }

    [Fact]
    public async Task Errors_say_what_is_the_matter()
    {
        Assert.Equal(-32001, await ErrorAsync("guest", "ptz.continuousMove", """{"pan":1}"""));
        Assert.Equal(-32002, await ErrorAsync("ann", "ptz.continuousMove", """{"pan":1,"camera":"cam9"}"""));
        Assert.Equal(-32002, await ErrorAsync("ann", "ptz.gotoPreset", """{"token":"7"}"""));
        Assert.Equal(-32004, await ErrorAsync("elsewhere", "ptz.continuousMove", """{"pan":1}"""));
        await CallAsync("ann", "ptz.acquire");
        var held = await CallAsync("bob", "ptz.continuousMove", """{"pan":1}""");
        Assert.Equal(-32003, held.GetProperty("code").GetInt32());
        Assert.Equal("Ann", held.GetProperty("data").GetProperty("holder").GetString());
        Assert.InRange(held.GetProperty("data").GetProperty("expiresIn").GetInt64(), 9000, 10_000);
        Assert.Equal("{}", (await CallAsync("bob", "ptz.stop")).ToString());
    }

    [Fact]
    public async Task Over_a_broker_a_move_needs_a_timeout_and_a_camera_where_there_are_several()
    {
        Assert.Equal(-32002, await ErrorAsync("ops", "ptz.continuousMove", """{"pan":0.1,"timeout":500}""", CallerOrigin.Mqtt));
        Assert.Equal(-32602, await ErrorAsync("ops", "ptz.continuousMove", """{"pan":0.1,"camera":"cam0"}""", CallerOrigin.Mqtt));
        Assert.Equal("{}", (await CallAsync("ops", "ptz.continuousMove", """{"pan":0.1,"timeout":500,"camera":"cam0"}""", CallerOrigin.Mqtt)).ToString());
        await RunAsync(400);
        Assert.True((await CallAsync("ann", "ptz.status")).GetProperty("moving").GetBoolean());
        await RunAsync(200);
        Assert.False((await CallAsync("ann", "ptz.status")).GetProperty("moving").GetBoolean());
    }

    [Fact]
    public async Task On_the_fast_channel_go_moves_and_signs_of_life_and_nothing_that_must_not_be_lost()
    {
        Assert.Equal("{}", (await CallAsync("ann", "ptz.continuousMove", """{"pan":0.5,"seq":1}""", CallerOrigin.ControlFast)).ToString());
        Assert.Equal("{}", (await CallAsync("ann", "ptz.alive", null, CallerOrigin.ControlFast)).ToString());
        Assert.Equal(-32601, await ErrorAsync("ann", "ptz.setHome", null, CallerOrigin.ControlFast));
        Assert.Equal("{}", (await CallAsync("ann", "ptz.stop", """{"seq":5}""")).ToString());
        await RunAsync(200);
        Assert.Equal("{}", (await CallAsync("ann", "ptz.continuousMove", """{"pan":0.5,"seq":4}""", CallerOrigin.ControlFast)).ToString()); // late
        await RunAsync(200);
        Assert.False((await CallAsync("ann", "ptz.status")).GetProperty("moving").GetBoolean());
    }

    [Fact]
    public async Task A_viewer_who_leaves_stops_what_it_moves_and_control_is_free()
    {
        await CallAsync("ann", "ptz.continuousMove", """{"pan":1}""");
        await RunAsync(100);
        _audience.Leave("ann");
        await RunAsync(120);
        var status = await CallAsync("bob", "ptz.status");
        Assert.False(status.GetProperty("moving").GetBoolean());
        Assert.Equal(JsonValueKind.Null, status.GetProperty("control").ValueKind);
    }

    [Fact]
    public async Task A_viewer_who_turns_to_another_camera_lets_go_of_the_head_that_is_out_of_its_sight()
    {
        await CallAsync("ann", "ptz.continuousMove", """{"pan":1}""");
        await RunAsync(100);
        _audience.Turn("ann", "cam0");
        await RunAsync(100);
        Assert.True((await CallAsync("ann", "ptz.status")).GetProperty("moving").GetBoolean());
        _audience.Turn("ann", "cam1");
        await RunAsync(120);
        var status = await CallAsync("bob", "ptz.status");
        Assert.False(status.GetProperty("moving").GetBoolean());
        Assert.Equal(JsonValueKind.Null, status.GetProperty("control").ValueKind);
    }

    [Fact]
    public async Task Control_is_taken_by_force_and_given_back()
    {
        Assert.True((await CallAsync("ann", "ptz.acquire")).GetProperty("you").GetBoolean());
        Assert.Equal(-32003, await ErrorAsync("bob", "ptz.acquire"));
        var taken = await CallAsync("chief", "ptz.acquire", """{"force":true}""");
        Assert.Equal("Chief", taken.GetProperty("holder").GetString());
        await RunAsync(40);
        Assert.Equal("lease", _told["ann"][^1].GetProperty("reason").GetString());
        await CallAsync("chief", "ptz.release");
        Assert.Equal(JsonValueKind.Null, (await CallAsync("ann", "ptz.status")).GetProperty("control").ValueKind);
    }

    [Fact]
    public async Task Presets_are_set_listed_shown_gone_to_and_removed()
    {
        await CallAsync("ann", "ptz.continuousMove", """{"pan":1,"tilt":0}""");
        await RunAsync(300);
        await CallAsync("ann", "ptz.stop");
        await RunAsync(200);
        var picture = PtzPresetsTests.Picture(64);
        Assert.Equal("1", (await CallAsync("ann", "ptz.setPreset", $$"""{"name":"Gate","thumbnail":"{{picture}}"}""")).GetProperty("token").GetString());
        Assert.Equal(-32001, await ErrorAsync("ann", "ptz.setPreset", """{"name":"Safe","scope":"manage"}"""));
        Assert.Equal("2", (await CallAsync("chief", "ptz.setPreset", """{"name":"Safe","scope":"manage"}""")).GetProperty("token").GetString());
        var presets = (await CallAsync("guest", "ptz.presets")).GetProperty("presets");
        Assert.Equal(["Gate", "Safe"], presets.EnumerateArray().Select(preset => preset.GetProperty("name").GetString()!));
        Assert.Equal([JsonValueKind.Null, JsonValueKind.String], presets.EnumerateArray().Select(preset => preset.GetProperty("scope").ValueKind));
        Assert.Equal([true, false], presets.EnumerateArray().Select(preset => preset.GetProperty("hasThumbnail").GetBoolean()));
        Assert.Equal(picture, (await CallAsync("guest", "ptz.presetThumbnail", """{"token":"1"}""")).GetProperty("thumbnail").GetString());
        Assert.Equal(-32002, await ErrorAsync("guest", "ptz.presetThumbnail", """{"token":"2"}"""));
        Assert.Equal(-32001, await ErrorAsync("ann", "ptz.gotoPreset", """{"token":"2"}"""));
        Assert.Equal("{}", (await CallAsync("ann", "ptz.gotoPreset", """{"token":"1"}""")).ToString());
        Assert.Equal("{}", (await CallAsync("ann", "ptz.removePreset", """{"token":"1"}""")).ToString());
        Assert.Single((await CallAsync("guest", "ptz.presets")).GetProperty("presets").EnumerateArray());
        Assert.Equal("{}", (await CallAsync("ann", "ptz.home")).ToString());
        Assert.Equal("{}", (await CallAsync("ann", "ptz.setHome")).ToString());
        Assert.True((await CallAsync("ann", "ptz.status")).GetProperty("hasHome").GetBoolean());
    }

    [Fact]
    public async Task Asking_for_anything_keeps_no_motion_going()
    {
        await CallAsync("ann", "ptz.continuousMove", """{"pan":0.1}""");
        await CallAsync("ann", "ptz.absoluteMove", """{"tilt":0.9,"speed":0.1}""");
        for (var i = 0; i < 5; i++)
        {
            await CallAsync("ann", "ptz.status");
            await CallAsync("ann", "ptz.presets");
            await RunAsync(100);
        }

        Assert.False((await CallAsync("ann", "ptz.status")).GetProperty("moving").GetBoolean());
        await CallAsync("ann", "ptz.absoluteMove", """{"tilt":0.9,"speed":0.1}""");
        for (var i = 0; i < 5; i++)
        {
            await CallAsync("ann", "ptz.alive");
            await RunAsync(100);
        }

        Assert.True((await CallAsync("ann", "ptz.status")).GetProperty("moving").GetBoolean());
    }

    [Fact]
    public async Task A_command_that_waited_for_the_loop_counts_from_when_it_came()
    {
        using var hang = new ManualResetEventSlim();
        var hanging = _loop.InvokeAsync(_ =>
        {
            hang.Wait();
            return true;
        });
        var moving = CallAsync("ann", "ptz.continuousMove", """{"pan":1}""");
        _time.Advance(TimeSpan.FromMilliseconds(400));
        hang.Set();
        await hanging;
        Assert.Equal("{}", (await moving).ToString());
        await RunAsync(200);
        var status = await CallAsync("bob", "ptz.status");
        Assert.False(status.GetProperty("moving").GetBoolean());
        Assert.Equal(0, status.GetProperty("axes").GetProperty("pan").GetProperty("position").GetDouble());
    }

    [Fact]
    public async Task A_stick_that_is_held_while_the_head_is_made_safe_is_told_to_let_go()
    {
        await CallAsync("ann", "ptz.continuousMove", """{"pan":0.1}""");
        await RunAsync(100);
        await _loop.InvokeAsync(_ =>
        {
            _loop.MakeSafe("a test");
            return true;
        });
        var refused = await CallAsync("ann", "ptz.continuousMove", """{"pan":0.1}""");
        Assert.Equal(-32003, refused.GetProperty("code").GetInt32());
        Assert.Equal("The head was made safe; let go first", refused.GetProperty("message").GetString());
        Assert.False(refused.GetProperty("data").TryGetProperty("holder", out _));
    }

    [Fact]
    public async Task A_loop_that_has_ended_is_no_mystery()
    {
        await _stop.CancelAsync();
        await _running;
        Assert.Equal(-32004, await ErrorAsync("ann", "ptz.status"));
    }

    [Fact]
    public void All_methods_are_there_with_their_channels()
    {
        Assert.Equal(
            [
                "ptz.absoluteMove", "ptz.acquire", "ptz.alive", "ptz.continuousMove", "ptz.gotoPreset", "ptz.home", "ptz.presetThumbnail", "ptz.presets", "ptz.relativeMove",
                "ptz.release", "ptz.removePreset", "ptz.setHome", "ptz.setPreset", "ptz.status", "ptz.stop",
            ],
            _service.Methods.Select(method => method.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["ptz.alive", "ptz.continuousMove", "ptz.stop"], _service.Methods.Where(method => method.IsFast).Select(method => method.Name).Order(StringComparer.Ordinal));
        Assert.All(_service.Methods, method => Assert.Contains(method.Parameters, parameter => parameter.Name == "camera"));
    }

    private void Join(string id, AccessScope scopes, string camera = "cam0")
    {
        var told = _told[id] = [];
        var caller = Caller(id, scopes, camera);
        _audience.Join(id, () => caller, message => told.Add(JsonElement.Parse(Encoding.UTF8.GetString(message)).GetProperty("params")));
    }

    private static ControlCaller Caller(string id, AccessScope scopes, string? camera, CallerOrigin origin = CallerOrigin.Control) =>
        new(id, new(char.ToUpperInvariant(id[0]) + id[1..], scopes), origin, camera);

    private async Task<JsonElement> CallAsync(string id, string method, string? parameters = null, CallerOrigin origin = CallerOrigin.Control)
    {
        var caller = id switch
        {
            "guest" => Caller(id, AccessScope.View, "cam0", origin),
            "ann" or "bob" => Caller(id, AccessScope.View | AccessScope.Ptz, "cam0", origin),
            "chief" => Caller(id, AccessScope.All, "cam0", origin),
            "elsewhere" => Caller(id, AccessScope.All, "cam1", origin),
            _ => Caller(id, AccessScope.All, null, origin),
        };
        var given = parameters is null ? "" : $",\"params\":{parameters}";
        var response = await _dispatcher.HandleAsync(Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}"{{given}}}"""), caller);
        var json = JsonElement.Parse(Encoding.UTF8.GetString(response!));
        return json.TryGetProperty("result", out var result) ? result : json.GetProperty("error");
    }

    private async Task<int> ErrorAsync(string id, string method, string? parameters = null, CallerOrigin origin = CallerOrigin.Control) =>
        (await CallAsync(id, method, parameters, origin)).GetProperty("code").GetInt32();

    /// <summary>Turns of the loop; it has done each of them before the next.</summary>
    private async Task RunAsync(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i += 20)
        {
            _time.Advance(DeviceLoop.Interval);
            await _loop.InvokeAsync(_ => true);
        }
    }
}
