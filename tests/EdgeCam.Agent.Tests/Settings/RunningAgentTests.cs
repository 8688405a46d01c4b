using System.Text.Json.Nodes;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Settings;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EdgeCam.Agent.Tests.Settings;

/// <summary>A whole agent but for its cameras, on a real broker: settings by MQTT, and what they do to it.</summary>
public sealed class RunningAgentTests : IAsyncLifetime
{
    private readonly Mosquitto _broker = new();
    private readonly SettingsPlace _place;
    private readonly List<AgentOptions> _made = [];
    private int _requests;

    public RunningAgentTests() => _place = new($$"""
        { "device": { "id": "dev" }, "security": { "access": "open" }, "http": { "enabled": false }, "mqtt": { "broker": "mqtt://127.0.0.1:{{_broker.Port}}" }, "log": { "level": "error" } }
        """);

    public async ValueTask InitializeAsync() => await _broker.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _place.Dispose();
    }

    [Fact]
    public async Task It_is_made_anew_in_the_same_process_and_what_is_on_trial_goes_on()
    {
        await using var running = Run();
        await using (var ann = await ConnectAsync())
        {
            var answer = await CallAsync(ann, "config.set", """{"patch":{"device":{"name":"Porch"}}}""");
            Assert.Equal("""["agent"]""", answer["result"]!["restarts"]!.ToJsonString());
        }

        await Wait.UntilAsync(() => _made.Count == 2, "another agent");
        await using var again = await ConnectAsync();
        Assert.Equal("Porch", _made[1].Device.Name);
        Assert.Equal("trial", (await CallAsync(again, "config.get"))["result"]!["state"]!.GetValue<string>());
        await again.SubscribeAsync("edgecam/v1/dev/config/reported");
        await Wait.UntilAsync(() => again.Received.Any(message => message.Topic.EndsWith("/reported", StringComparison.Ordinal) && message.Text.Contains("Porch", StringComparison.Ordinal)), "config/reported");
        Assert.Contains("\"by\":\"mqtt:ann\"", await File.ReadAllTextAsync(_place.Trial, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_start_is_rolled_back_at_once()
    {
        using var taken = new System.Net.Sockets.UdpClient(new System.Net.IPEndPoint(System.Net.IPAddress.Any, 0));
        var port = ((System.Net.IPEndPoint)taken.Client.LocalEndPoint!).Port;
        await using var running = Run(options =>
        {
            if (options.Peers.Port == port)
                throw new System.Net.Sockets.SocketException((int)System.Net.Sockets.SocketError.AddressAlreadyInUse);
        });
        await using (var ann = await ConnectAsync())
            await CallAsync(ann, "config.set", $$$$"""{"patch":{"peers":{"port":{{{{port}}}}}}}""");

        await Wait.UntilAsync(() => _made.Count == 3, "the agent as it was");
        Assert.Equal(_made[0].Peers.Port, _made[2].Peers.Port);
        await using var again = await ConnectAsync();
        var told = (await CallAsync(again, "config.get"))["result"]!;
        Assert.Equal(("confirmed", "rolledBack"), (told["state"]!.GetValue<string>(), told["last"]!["state"]!.GetValue<string>()));
        Assert.Contains("peers.port", told["last"]!["reason"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retained_desired_settings_are_taken_at_the_connection()
    {
        await using var running = Run();
        await using var ann = await ConnectAsync();
        await ann.PublishAsync("edgecam/v1/dev/config/desired", """{"config":{"peers":{"maxViewers":3}}}""", retain: true);
        await ann.SubscribeAsync("edgecam/v1/dev/config/reported");
        await Wait.UntilAsync(() => ann.Received.Any(message => message.Text.Contains("\"state\":\"applied\"", StringComparison.Ordinal) && message.Text.Contains("\"maxViewers\":3", StringComparison.Ordinal)), "applied");
        Assert.Contains("\"maxViewers\":3", await File.ReadAllTextAsync(_place.Confirmed, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Desired_settings_that_are_too_large_are_refused_in_the_report_and_an_event()
    {
        await using var running = Run();
        await using var ann = await ConnectAsync();
        await ann.SubscribeAsync("edgecam/v1/dev/event/config");
        await ann.SubscribeAsync("edgecam/v1/dev/config/reported");
        await ann.PublishAsync("edgecam/v1/dev/config/desired", "{\"config\":{\"device\":{\"name\":\"" + new string('x', 70_000) + "\"}}}", retain: true);
        foreach (var topic in (string[])["event/config", "config/reported"])
            await Wait.UntilAsync(() => ann.Received.Any(message => message.Topic.EndsWith(topic, StringComparison.Ordinal) && message.Text.Contains("larger than 64 KiB", StringComparison.Ordinal)), topic);
        Assert.Equal("confirmed", (await CallAsync(ann, "config.get"))["result"]!["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task Telemetry_s_period_is_another_at_once()
    {
        await using var running = Run();
        await using var ann = await ConnectAsync();
        await ann.SubscribeAsync("edgecam/v1/dev/telemetry");
        var answer = (await CallAsync(ann, "config.set", """{"patch":{"telemetry":{"periodSeconds":5}}}"""))["result"]!;
        Assert.Equal(("confirmed", """["telemetry.periodSeconds"]"""), (answer["state"]!.GetValue<string>(), answer["live"]!.ToJsonString()));
        await Wait.UntilAsync(() => ann.Received.Count(static message => message.Topic.EndsWith("/telemetry", StringComparison.Ordinal)) >= 2, "two within less than a period of before", seconds: 20);
        Assert.Single(_made);
    }

    /// <summary>With some seconds for five minutes.</summary>
    [Fact]
    public async Task A_setting_that_cuts_it_off_its_broker_is_rolled_back_by_itself_and_reported()
    {
        await using var running = Run(limits: new(Proof: TimeSpan.FromSeconds(1), Longest: TimeSpan.FromSeconds(3)));
        await using var ann = await ConnectAsync();
        await ann.SubscribeAsync("edgecam/v1/dev/event/config");
        await ann.SubscribeAsync("edgecam/v1/dev/status");

        var answer = (await CallAsync(ann, "config.set", $$$$"""{"patch":{"mqtt":{"broker":"mqtt://127.0.0.1:{{{{FreePort.Tcp()}}}}"}}}"""))["result"]!;

        Assert.Equal("""["broker connection"]""", answer["restarts"]!.ToJsonString());
        await Wait.UntilAsync(() => ann.Received.Any(message => message.Text.Contains("\"online\":false", StringComparison.Ordinal)), "it leaves");
        await Wait.UntilAsync(() => ann.Received.Any(message => message.Text.Contains("\"state\":\"rolledBack\"", StringComparison.Ordinal)), "it is back and tells");
        var told = ann.Received.First(message => message.Text.Contains("\"state\":\"rolledBack\"", StringComparison.Ordinal)).Text;
        Assert.Contains("there is no connection to the broker", told, StringComparison.Ordinal);
        Assert.Single(_made); // no part but the connection began anew
        Assert.Equal("confirmed", (await CallAsync(ann, "config.get"))["result"]!["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task Another_broker_that_is_reached_is_kept()
    {
        await using var two = new Mosquitto();
        await two.StartAsync();
        await using var running = Run(limits: new(Proof: TimeSpan.FromSeconds(1), Longest: TimeSpan.FromSeconds(20)));
        await using var here = await ConnectAsync();
        await using var there = await ConnectAsync(two.Port);
        await there.SubscribeAsync("edgecam/v1/dev/config/reported");

        await CallAsync(here, "config.set", $$$$"""{"patch":{"mqtt":{"broker":"mqtt://127.0.0.1:{{{{two.Port}}}}"}}}""");

        await Wait.UntilAsync(() => there.Received.Any(message => message.Text.Contains("\"state\":\"confirmed\"", StringComparison.Ordinal)), "confirmed there");
        Assert.Contains($"mqtt://127.0.0.1:{two.Port}", await File.ReadAllTextAsync(_place.Confirmed, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Single(_made);
    }

    [Fact]
    public void The_log_s_level_changes_while_it_runs()
    {
        var options = new AgentOptions(Http: new(Enabled: false), Log: new(Level: "error"));
        var agentLog = new AgentLog(options.Log, TimeProvider.System);
        using var host = AgentHost.Build(options, agentLog);
        var log = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("EdgeCam.Test");
        var library = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Microsoft.Test");
        Assert.Equal((false, true), (log.IsEnabled(LogLevel.Information), log.IsEnabled(LogLevel.Error)));
        agentLog.Levels.Configure("debug");
        Assert.Equal((true, false), (log.IsEnabled(LogLevel.Debug), log.IsEnabled(LogLevel.Trace)));
        Assert.False(library.IsEnabled(LogLevel.Information));
    }

    private async Task<TestClient> ConnectAsync(int? port = null)
    {
        var client = await TestClient.ConnectAsync(port ?? _broker.Port, "ann");
        await client.SubscribeAsync("edgecam/v1/dev/rpc/ann/response");
        return client;
    }

    /// <summary>Asks until the agent itself is there, too.</summary>
    private async Task<JsonNode> CallAsync(TestClient client, string method, string parameters = "{}")
    {
        for (var tries = 1; ; tries++)
        {
            var id = ++_requests;
            var expected = $"\"id\":{id},";
            await client.PublishAsync("edgecam/v1/dev/rpc/ann/request", $$"""{"jsonrpc":"2.0","id":{{id}},"method":"{{method}}","params":{{parameters}}}""");
            for (var waited = 0; waited < 100; waited++)
            {
                if (client.Received.FirstOrDefault(message => message.Topic.EndsWith("/response", StringComparison.Ordinal) && message.Text.Contains(expected, StringComparison.Ordinal)) is { Text: { } text })
                    return JsonNode.Parse(text)!;
                await Task.Delay(20);
            }

            Assert.True(tries < 10, $"no answer to {method}");
        }
    }

    private Running Run(Action<AgentOptions>? check = null, TrialLimits? limits = null)
    {
        var errors = new StringWriter();
        var stop = new CancellationTokenSource();
        var running = Task.Run(() => AgentHost.RunAsync(_place.Open(limits: limits), (options, _, _, _, _) =>
        {
            lock (_made)
                _made.Add(options);
            check?.Invoke(options);
            return new FakePlane(new());
        }, errors, stop.Token));
        return new(running, stop, errors);
    }

    private sealed class Running(Task<int> running, CancellationTokenSource stop, StringWriter errors) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            Assert.True(await running.WaitAsync(TimeSpan.FromSeconds(15)) == ExitCode.Success, errors.ToString());
            stop.Dispose();
            await errors.DisposeAsync();
        }
    }
}
