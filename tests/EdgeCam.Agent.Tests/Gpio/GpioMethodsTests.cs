using System.Text;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Gpio;

/// <summary>The namespace <c>gpio</c> over JSON-RPC.</summary>
public sealed class GpioMethodsTests
{
    [Fact]
    public async Task The_list_tells_of_each_line_what_a_viewer_needs()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();

        var list = await rig.CallAsync("gpio.list");

        var lines = list.GetProperty("lines").EnumerateArray().ToDictionary(line => line.GetProperty("name").GetString()!);
        Assert.Equal(
            """{"name":"up","label":"up","direction":"output","value":false,"changedAt":null,"scope":"gpio","writable":true,"state":"ready","fault":null,"remedy":null,"pulseEndsIn":null,"maxOnSeconds":null,"interlock":["down"]}""",
            lines["up"].GetRawText());
        Assert.False(lines["bell"].GetProperty("writable").GetBoolean());
        Assert.False(lines["siren"].GetProperty("writable").GetBoolean());
        Assert.Equal(10, lines["pump"].GetProperty("maxOnSeconds").GetInt32());
        var output = Assert.Single(list.GetProperty("pwm").EnumerateArray());
        Assert.Equal(("dimmer", 0.0, 1000), (output.GetProperty("name").GetString(), output.GetProperty("duty").GetDouble(), output.GetProperty("frequency").GetInt32()));

        var viewer = await rig.CallAsync("gpio.list", caller: GpioMethodsRig.With(AccessScope.View));
        Assert.DoesNotContain(viewer.GetProperty("lines").EnumerateArray(), line => line.GetProperty("writable").GetBoolean());
        var manager = await rig.CallAsync("gpio.list", caller: GpioMethodsRig.With(AccessScope.All));
        Assert.True(manager.GetProperty("lines").EnumerateArray().Single(line => line.GetProperty("name").GetString() == "siren").GetProperty("writable").GetBoolean());
    }

    [Theory]
    [InlineData("gpio.write", """{"line":"lamp","value":true}""", """{"value":true}""")]
    [InlineData("gpio.write", """["lamp",true]""", """{"value":true}""")]
    [InlineData("gpio.toggle", """{"line":"lamp"}""", """{"value":true}""")]
    [InlineData("gpio.pulse", """{"line":"lamp","milliseconds":100}""", """{"value":true}""")]
    [InlineData("gpio.pulse", """{"line":"lamp","milliseconds":100,"value":false}""", """{"value":false}""")]
    [InlineData("gpio.pwm", """{"name":"dimmer","duty":0.5}""", """{"duty":0.5}""")]
    [InlineData("gpio.read", """{"line":"bell"}""", """{"value":false,"changedAt":null}""")]
    [InlineData("gpio.unwatch", "{}", "{}")]
    public async Task A_method_answers_what_the_hardware_took(string method, string parameters, string result)
    {
        await using var rig = await GpioMethodsRig.OpenAsync();

        Assert.Equal(result, (await rig.CallAsync(method, parameters)).GetRawText());
        Assert.Equal(result.Contains("\"value\":true", StringComparison.Ordinal), rig.Chip.Levels[1]);
    }

    [Theory]
    [InlineData("gpio.write", """{"line":"lamp","value":1}""", -32602, "value is true or false")]
    [InlineData("gpio.write", """{"line":"lamp"}""", -32602, "value is missing")]
    [InlineData("gpio.write", """{"value":true}""", -32602, "line is missing")]
    [InlineData("gpio.write", """{"line":17,"value":true}""", -32602, "line is a text")]
    [InlineData("gpio.write", """{"line":"lamp","value":"true"}""", -32602, "value is true or false")]
    [InlineData("gpio.write", """{"line":"heater","value":true}""", -32002, "line heater")]
    [InlineData("gpio.write", """{"line":"LAMP","value":true}""", -32002, "line LAMP")]
    [InlineData("gpio.write", """{"line":"17","value":true}""", -32002, "line 17")]
    [InlineData("gpio.write", """{"line":"dimmer","value":true}""", -32002, "line dimmer")]
    [InlineData("gpio.write", """{"line":"bell","value":true}""", -32602, "bell is an input")]
    [InlineData("gpio.write", """{"line":"siren","value":true}""", -32001, "needs the scope manage")]
    [InlineData("gpio.toggle", """{"line":"siren"}""", -32001, "needs the scope manage")]
    [InlineData("gpio.toggle", """{"line":["lamp"]}""", -32602, "line is a text")]
    [InlineData("gpio.pulse", """{"line":"lamp","milliseconds":0}""", -32602, "from 1 to 60000 (ms)")]
    [InlineData("gpio.pulse", """{"line":"lamp","milliseconds":60001}""", -32602, "from 1 to 60000 (ms)")]
    [InlineData("gpio.pulse", """{"line":"lamp","milliseconds":1.5}""", -32602, "a whole number")]
    [InlineData("gpio.pulse", """{"line":"lamp"}""", -32602, "milliseconds is missing")]
    [InlineData("gpio.pulse", """{"line":"siren","milliseconds":10}""", -32001, "needs the scope manage")]
    [InlineData("gpio.pulse", """{"line":"pump","milliseconds":20000}""", -32005, "pump may be on for 10 s at most")]
    [InlineData("gpio.pwm", """{"name":"dimmer","duty":1.1}""", -32602, "from 0 to 1")]
    [InlineData("gpio.pwm", """{"name":"dimmer","duty":-1}""", -32602, "from 0 to 1")]
    [InlineData("gpio.pwm", """{"name":"dimmer","duty":1e999}""", -32602, "from 0 to 1")]
    [InlineData("gpio.pwm", """{"name":"lamp","duty":1}""", -32002, "PWM output lamp")]
    [InlineData("gpio.read", """{"line":"heater"}""", -32002, "line heater")]
    [InlineData("gpio.watch", """{"lines":["lamp","heater"]}""", -32002, "line heater")]
    [InlineData("gpio.watch", """{"lines":"lamp"}""", -32602, "a list of texts")]
    [InlineData("gpio.list", """{"line":"lamp"}""", -32602, "takes none")]
    public async Task A_mistake_has_its_code_and_switches_nothing(string method, string parameters, int code, string message)
    {
        await using var rig = await GpioMethodsRig.OpenAsync();
        rig.Chip.Driven.Clear();

        var error = await rig.CallAsync(method, parameters);

        Assert.Equal(code, error.GetProperty("code").GetInt32());
        Assert.Contains(message, error.GetProperty("message").GetString(), StringComparison.Ordinal);
        await rig.TickAsync();
        Assert.Empty(rig.Chip.Driven);
        Assert.Equal(0u, rig.Ports.Outputs[0].Output.Pulse);
    }

    [Theory]
    [InlineData("gpio.write", """{"line":"lamp","value":true}""", AccessScope.View, "gpio")]
    [InlineData("gpio.write", """{"line":"lamp","value":true}""", AccessScope.View | AccessScope.Manage, "gpio")]
    [InlineData("gpio.pwm", """{"name":"dimmer","duty":1}""", AccessScope.View | AccessScope.Ptz, "gpio")]
    [InlineData("gpio.list", "{}", AccessScope.Gpio, "view")]
    [InlineData("gpio.read", """{"line":"lamp"}""", AccessScope.Gpio, "view")]
    [InlineData("gpio.watch", "{}", AccessScope.None, "view")]
    [InlineData("gpio.write", """{"line":"siren","value":true}""", AccessScope.Gpio | AccessScope.View, "manage")]
    internal async Task A_refusal_names_the_scope_that_is_missing(string method, string parameters, AccessScope has, string missing)
    {
        await using var rig = await GpioMethodsRig.OpenAsync();

        var error = await rig.CallAsync(method, parameters, GpioMethodsRig.With(has));

        Assert.Equal((-32001, missing), (error.GetProperty("code").GetInt32(), error.GetProperty("data").GetProperty("scope").GetString()));
    }

    [Fact]
    public async Task A_line_of_managers_is_theirs_to_switch()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();

        await rig.CallAsync("gpio.write", """{"line":"siren","value":true}""", GpioMethodsRig.With(AccessScope.Gpio | AccessScope.Manage));

        Assert.True(rig.Chip.Levels[7]);
    }

    [Fact]
    public async Task An_interlock_says_which_line_is_on_and_what_to_do()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();
        await rig.CallAsync("gpio.write", """{"line":"up","value":true}""");

        var error = await rig.CallAsync("gpio.write", """{"line":"down","value":true}""");

        Assert.Equal(
            """{"code":-32005,"message":"Interlocked: down must not be on together with up, which is on (Shutter)","data":{"remedy":"Switch up off first"}}""", error.GetRawText());
    }

    [Fact]
    public async Task A_line_that_is_switched_too_often_says_when_it_may_be_again()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();
        for (var i = 0; i < 3; i++)
            await rig.CallAsync("gpio.write", """{"line":"gate","value":false}""");

        var error = await rig.CallAsync("gpio.write", """{"line":"gate","value":true}""");

        Assert.Equal(
            """{"code":-32029,"message":"Too many requests: gate may be switched 3 times a minute","data":{"remedy":"Try again in 60 s","expiresIn":60000}}""", error.GetRawText());
    }

    [Fact]
    public async Task A_fault_of_the_hardware_is_answered_in_its_words()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();
        rig.Chip.Faults[1] = GpioRig.IoError;

        var error = await rig.CallAsync("gpio.write", """{"line":"lamp","value":true}""");

        Assert.Equal("""{"code":-32004,"message":"Unavailable: line 1: input/output error","data":{"remedy":"Check the wiring"}}""", error.GetRawText());
        var lamp = (await rig.CallAsync("gpio.list")).GetProperty("lines")[0];
        Assert.Equal(("fault", JsonValueKind.Null), (lamp.GetProperty("state").GetString(), lamp.GetProperty("value").ValueKind));
    }

    [Fact]
    public async Task A_chip_that_does_not_answer_is_unavailable_after_a_second()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();
        rig.Chip.IsSilent = true;

        var answering = rig.Begin("gpio.write", """{"line":"lamp","value":true}""");
        await rig.Loop.InvokeAsync(_ => true); // it has begun
        for (var i = 0; i < 49; i++)
            await rig.TickAsync();
        Assert.False(answering.IsCompleted);
        await rig.TickAsync();

        Assert.Equal(-32004, GpioMethodsRig.Read(await answering).GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task A_loop_that_hangs_is_unavailable_and_does_not_do_it_later()
    {
        var rig = GpioMethodsRig.Stuck();
        rig.Chip.Open(default);
        rig.Chip.Deliver(default);

        var answering = rig.Begin("gpio.write", """{"line":"lamp","value":true}""");
        rig.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(-32004, GpioMethodsRig.Read(await answering).GetProperty("code").GetInt32());

        using var stop = new CancellationTokenSource();
        var running = rig.Loop.RunAsync(stop.Token);
        await rig.Loop.InvokeAsync(_ => true);
        rig.Chip.Deliver(default);
        Assert.False(rig.Chip.Levels[1]);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Requests_of_one_message_are_done_in_their_order()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();
        rig.Chip.Driven.Clear();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => rig.Begin("gpio.write", $$"""{"line":"lamp","value":{{(i % 3 == 0 ? "true" : "false")}}}""")));

        Assert.Equal(Enumerable.Range(0, 20).Select(i => i % 3 == 0), rig.Chip.Driven.Select(driven => driven.Value));
    }

    [Fact]
    public async Task Who_watches_is_told_and_who_does_not_is_not()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();
        var (ann, ben, eve) = (rig.Join("ann"), rig.Join("ben"), rig.Join("eve"));
        await rig.CallAsync("gpio.watch");
        var watched = await rig.CallAsync("gpio.watch", """{"lines":["bell"]}""", GpioMethodsRig.Operator with { Id = "ben" });
        Assert.Equal("bell", Assert.Single(watched.GetProperty("lines").EnumerateArray()).GetProperty("name").GetString());

        await rig.CallAsync("gpio.write", """{"line":"lamp","value":true}""", GpioMethodsRig.Operator with { Id = "eve" });
        await EdgeAsync(rig, true);

        Assert.Equal(
            ["""{"line":"lamp","value":true,"at":40,"edge":"rising","cause":"write","state":"ready","fault":null,"remedy":null}""",
                """{"line":"bell","value":true,"at":40,"edge":"rising","cause":"input","state":"ready","fault":null,"remedy":null}"""],
            ann.Select(Parameters));
        Assert.Equal("gpio.changed", ann.First().GetProperty("method").GetString());
        Assert.Equal(ann.Select(Parameters).Skip(1), ben.Select(Parameters));
        Assert.Empty(eve);
        Assert.Equal(ann.Select(Parameters), rig.Events.Select(Encoding.UTF8.GetString).TakeLast(2));
    }

    [Fact]
    public async Task A_fault_is_told_with_its_remedy()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();
        var ann = rig.Join("ann");
        await rig.CallAsync("gpio.watch", """{"lines":["lamp"]}""");
        rig.Chip.Faults[1] = GpioRig.IoError;

        await rig.CallAsync("gpio.write", """{"line":"lamp","value":true}""");

        Assert.Equal("""{"line":"lamp","value":null,"at":40,"state":"fault","fault":"line 1: input/output error","remedy":"Check the wiring"}""", Parameters(Assert.Single(ann)));
    }

    [Fact]
    public async Task A_pwm_output_is_watched_by_its_name()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();
        var ann = rig.Join("ann");
        await rig.CallAsync("gpio.watch", """{"lines":["dimmer"]}""");

        await rig.CallAsync("gpio.pwm", """{"name":"dimmer","duty":0.25}""");
        await rig.CallAsync("gpio.write", """{"line":"lamp","value":true}""");

        Assert.Equal("""{"pwm":"dimmer","duty":0.25,"at":40,"cause":"write","state":"ready","fault":null,"remedy":null}""", Parameters(Assert.Single(ann)));
    }

    [Fact]
    public async Task Who_watches_no_more_or_has_gone_is_told_no_more()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();
        var (ann, ben) = (rig.Join("ann"), rig.Join("ben"));
        await rig.CallAsync("gpio.watch");
        await rig.CallAsync("gpio.watch", caller: GpioMethodsRig.Operator with { Id = "ben" });
        await rig.CallAsync("gpio.pulse", """{"line":"lamp","milliseconds":100}""", GpioMethodsRig.Operator with { Id = "ben" });
        Assert.Equal((1, 1), (ann.Count, ben.Count));

        await rig.CallAsync("gpio.unwatch");
        rig.Audience.Leave("ben");
        rig.Join("ben"); // the same viewer with a new channel has not asked yet
        for (var i = 0; i < 8; i++)
            await rig.TickAsync();

        Assert.Equal((1, 1), (ann.Count, ben.Count));
        Assert.False(rig.Chip.Levels[1]); // the pulse of one who left ends in its time
    }

    [Fact]
    public async Task Who_left_while_it_asked_to_watch_is_forgotten()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();
        await rig.CallAsync("gpio.watch"); // and there is no such channel

        await rig.CallAsync("gpio.write", """{"line":"lamp","value":true}""");
        var ann = rig.Join("ann");
        await rig.CallAsync("gpio.write", """{"line":"lamp","value":false}""");

        Assert.Empty(ann);
    }

    [Fact]
    public async Task Over_mqtt_there_is_a_topic_instead()
    {
        await using var rig = await GpioMethodsRig.OpenAsync();

        var error = await rig.CallAsync("gpio.watch", caller: GpioMethodsRig.Operator with { Origin = CallerOrigin.Mqtt });

        Assert.Contains("event/gpio", error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_lines_there_is_no_port_and_a_plan_for_none() => Assert.Empty(Devices.Gpio.GpioPlans.Create(new()));

    [Fact]
    public void The_plans_hold_what_makes_everything_safe()
    {
        var plans = Devices.Gpio.GpioPlans.Create(GpioRig.Options with { Lines = [new("lamp", 1, Initial: true), new("lock", 2, Safe: true, ActiveLow: true), new("bell", 3, Direction: "input"), new("far", 1, Chip: "unix:/x")] });

        Assert.Equal(["gpio:/dev/gpiochip0", "gpio:unix:/x", "pwm:/sys/class/pwm/pwmchip0?channel=0"], plans.Select(plan => plan.Uri));
        Assert.Equal([GpioCommand.Set(1, false), GpioCommand.Set(2, true)], plans[0].Safe);
        Assert.Equal(3, plans[0].Start.Count);
        Assert.Equal([new PwmCommand(1_000_000, 100_000, IsEnabled: true).ToBytes()], plans[2].Safe);
    }

    private static Task<bool> EdgeAsync(GpioMethodsRig rig, bool value) => rig.Loop.InvokeAsync(now =>
    {
        rig.Chip.Input(4, value, now, now);
        return true;
    }).AsTask();

    private static string Parameters(JsonElement notification) => notification.GetProperty("params").GetRawText();
}
