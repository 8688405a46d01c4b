using System.Diagnostics.Metrics;
using System.Net.Sockets;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Http;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace EdgeCam.Agent.Tests.Composing;

/// <summary>The parts together, the media plane left out; and the commands.</summary>
public sealed class CompositionTests
{
    private static readonly DeviceOptions s_device = new(Id: "dev", StateFolder: Path.Combine(Path.GetTempPath(), "edgecam-composition-tests"));

    [Fact]
    public void What_is_switched_off_is_not_made()
    {
        var webOnly = new AgentOptions(Device: s_device, Security: OpenAccess.Options, Mqtt: new(Embedded: new(Enabled: false)));
        using (var composition = Compose(webOnly, new()))
        {
            Assert.Null(composition.Broker);
            Assert.Null(composition.Connection);
            Assert.NotNull(composition.Whep);
        }

        var external = new AgentOptions(Device: s_device, Security: OpenAccess.Options, Mqtt: new(Broker: "mqtt://127.0.0.1:1"), Http: new(Enabled: false));
        using (var composition = Compose(external, new()))
        {
            Assert.Null(composition.Broker);
            Assert.NotNull(composition.Connection);
            Assert.Null(composition.Whep);
        }

        using var host = AgentHost.Build(external);
        Assert.IsNotType<WebApplication>(host);
        Assert.Null(host.Services.GetService<IServer>());
        using var web = AgentHost.Build(webOnly);
        Assert.NotNull(web.Services.GetService<IServer>());
    }

    [Fact]
    public async Task A_viewer_gets_an_answer_through_the_embedded_broker()
    {
        var gateway = new FakeGateway();
        var options = new AgentOptions(Device: s_device, Security: OpenAccess.Options, Mqtt: new(Embedded: new(Port: 0)), Http: new(Enabled: false));
        using var composition = Compose(options, gateway);
        using var stop = new CancellationTokenSource();
        await composition.StartAsync();
        var running = composition.RunAsync(stop.Token);
        await Wait.UntilAsync(() => composition.Connection!.IsConnected, "the agent's own connection");

        await using var viewer = await TestClient.ConnectAsync(composition.Broker!.Port, "alice");
        await viewer.SubscribeAsync("edgecam/v1/+/status");
        await viewer.SubscribeAsync("edgecam/v1/dev/session/alice/+/to-viewer");
        await Wait.UntilAsync(() => viewer.Received.Any(message => message.Text.Contains("\"online\":true", StringComparison.Ordinal)), "online");
        await viewer.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", """{"v":1,"type":"offer","seq":1,"sdp":"x"}""");
        await Wait.UntilAsync(() => viewer.Received.Any(message => message.Text.Contains("answer to x", StringComparison.Ordinal)), "the answer");
        await viewer.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", new byte[70_000]);
        await Wait.UntilAsync(() => viewer.Received.Any(message => message.Text.Contains("413", StringComparison.Ordinal)), "413");

        await stop.CancelAsync();
        await running;
        Assert.Equal(1, composition.Drops[Stage.Signaling, DropReason.Oversized]);
    }

    [Fact]
    public async Task A_part_that_fails_ends_the_others_and_says_why()
    {
        var options = new AgentOptions(Device: s_device, Security: OpenAccess.Options, Mqtt: new(Embedded: new(Port: 0)), Http: new(Enabled: false));
        using var composition = new Composition(options, (_, _, _, _, _) => new FakePlane(new(), fails: true), NullLoggerFactory.Instance, TimeProvider.System);
        await composition.StartAsync();

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => composition.RunAsync(CancellationToken.None));

        Assert.Equal("no camera", failure.Message);
    }

    [Fact]
    public async Task An_operator_restarts_it_and_that_is_no_fault()
    {
        var time = new ManualTime(ManualTime.SetClock);
        var options = new AgentOptions(Device: s_device, Security: OpenAccess.Options, Mqtt: new(Embedded: new(Enabled: false)));
        using var composition = new Composition(options, (_, _, _, _, _) => new FakePlane(new()), NullLoggerFactory.Instance, time);
        var running = composition.RunAsync(CancellationToken.None);
        async Task<string> RestartAsync() => System.Text.Encoding.UTF8.GetString(
            (await composition.Control.Dispatcher.HandleAsync("""{"jsonrpc":"2.0","id":1,"method":"device.restart"}"""u8, new("ann", AccessGrant.Open("Ann"))))!);

        Assert.Contains("only just started", await RestartAsync(), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Contains("\"result\":{}", await RestartAsync(), StringComparison.Ordinal);
        await Wait.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return running.IsCompleted;
        }, "its end");
        await running;
        Assert.True(composition.IsRestarting);
    }

    [Fact]
    public async Task It_tells_how_it_does_over_its_own_broker()
    {
        using var composition = Compose(new AgentOptions(Device: s_device, Mqtt: new(Embedded: new(Port: 0)), Http: new(Enabled: false)), new());
        using var stop = new CancellationTokenSource();
        using var keys = DeviceKeys.Load(s_device.StateFolder);
        using var forge = new TokenForge(keys.Signing, TimeProvider.System);
        await composition.StartAsync();
        await using var ann = new TestClient();
        await ann.TryConnectAsync(TestClient.Options(composition.Broker!.Port, "ann").WithCredentials("token", forge.Token()));
        await ann.SubscribeAsync("edgecam/v1/dev/telemetry");
        await ann.SubscribeAsync("edgecam/v1/dev/status");
        var running = composition.RunAsync(stop.Token);
        await Wait.UntilAsync(() => ann.Received.Any(message => message.Topic.EndsWith("/telemetry", StringComparison.Ordinal)), "telemetry");
        await Wait.UntilAsync(() => ann.Received.Any(message => message.Text.Contains("\"viewers\":0", StringComparison.Ordinal) && message.Topic.EndsWith("/status", StringComparison.Ordinal)), "the status");

        var telemetry = JsonElement.Parse(ann.Received.First(message => message.Topic.EndsWith("/telemetry", StringComparison.Ordinal)).Text);
        Assert.Equal(("live", composition.Device.BootId), (telemetry.GetProperty("cameras")[0].GetProperty("state").GetString(), telemetry.GetProperty("bootId").GetString()));
        Assert.DoesNotContain("addresses", ann.Received.First(message => message.Topic.EndsWith("/status", StringComparison.Ordinal)).Text, StringComparison.Ordinal);
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public void A_taken_port_is_named_by_its_key()
    {
        using var taken = new TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        using var listener = new MeterListener();
        var (thread, isComposing, alive) = (Environment.CurrentManagedThreadId, false, new HashSet<Instrument>());
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (Environment.CurrentManagedThreadId != thread || !isComposing)
                return; // those of other tests
            alive.Add(instrument);
            listening.EnableMeasurementEvents(instrument);
        };
        listener.MeasurementsCompleted = (instrument, _) => alive.Remove(instrument);
        listener.Start();
        isComposing = true;

        var failure = Assert.Throws<StartFailureException>(() => Compose(new AgentOptions(Device: s_device, Security: OpenAccess.Options, Mqtt: new(Embedded: new(Port: port))), new()));

        Assert.Equal("mqtt.embedded.port", failure.Mistake.Key);
        Assert.Empty(alive); // where settings on trial took the port, there is another one in this process
    }

    [Theory]
    [InlineData(0, "edgecam ", "", "version")]
    [InlineData(0, "Exit codes", "", "--help")]
    [InlineData(2, "", "edgecam check --config", "")]
    [InlineData(2, "", "no command", "dance")]
    [InlineData(2, "", "needs a configuration", "run")]
    [InlineData(2, "", "needs a configuration", "check", "--config")]
    [InlineData(1, "", "no file /nowhere", "check", "--config", "/nowhere")]
    [InlineData(1, "", "no file /nowhere", "run", "--config", "/nowhere")]
    public async Task A_command_ends_with_its_code(int code, string said, string complained, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();

        Assert.Equal(code, await CommandLine.RunAsync([.. arguments.Where(argument => argument.Length > 0)], (_, _, _, _, _) => new FakePlane(new()), output, errors));

        Assert.Contains(said, output.ToString(), StringComparison.Ordinal);
        Assert.Contains(complained, errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_names_each_mistake_and_counts_them()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """{ "mqtt": { "prot": 1 }, "security": { "access": "open" }, "http": { "bind": "0.0.0.0:80" } }""");
            using var output = new StringWriter();
            using var errors = new StringWriter();

            Assert.Equal(ExitCode.Configuration, await CommandLine.RunAsync(["check", "--config", file], (_, _, _, _, _) => new FakePlane(new()), output, errors));

            Assert.Contains("mqtt.prot: is not a key", errors.ToString(), StringComparison.Ordinal);
            Assert.Contains("http.bind: 0.0.0.0:80 is reached from other machines", errors.ToString(), StringComparison.Ordinal);
            Assert.EndsWith(": 2 mistakes\n", errors.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Drops_are_said_once_a_second()
    {
        var time = new ManualTime();
        using var drops = new DropCounters();
        var log = new ListLogger();
        using var stop = new CancellationTokenSource();
        var running = drops.RunAsync(log, time, stop.Token);
        for (var i = 0; i < 1000; i++)
            drops.Count(Stage.Signaling, DropReason.Malformed);
        await Wait.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return log.Lines.Count > 0;
        }, "a line");
        time.Advance(TimeSpan.FromSeconds(10));
        await stop.CancelAsync();
        await running;

        Assert.Equal("1000 dropped at Signaling: Malformed", Assert.Single(log.Lines));
    }

    private static Composition Compose(AgentOptions options, FakeGateway gateway) =>
        new(options, (_, _, _, _, _) => new FakePlane(gateway), NullLoggerFactory.Instance, TimeProvider.System);

    private sealed class ListLogger : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add(formatter(state, exception));
    }
}
