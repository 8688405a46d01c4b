using System.Net;
using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Tests.Support;
using MQTTnet.Formatter;
using MQTTnet.Server;

namespace EdgeCam.Agent.Tests.Mqtt;

/// <summary>Connections that carry nothing more, that another client takes, or that end again and again; time is moved by hand.</summary>
public sealed class BrokerLossTests : IAsyncLifetime
{
    private static readonly MqttTopics s_topics = new("edgecam/v1", "dev");

    private readonly Mosquitto _broker = new();
    private readonly DropCounters _drops = new();
    private readonly ManualTime _time = new(ManualTime.SetClock);
    private readonly LogLines<MqttConnection> _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(MqttConnection Connection, Task Running)> _started = [];

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _time.Advance(TimeSpan.FromMinutes(2)); // farewells that nobody hears
        foreach (var (connection, running) in _started)
        {
            await running;
            connection.Dispose();
        }

        await _broker.DisposeAsync();
        _drops.Dispose();
        _stop.Dispose();
    }

    /// <summary>By the keep-alive that the device asked for, and by a shorter one that the broker wants.</summary>
    [Theory]
    [InlineData(40, null)]
    [InlineData(1200, 40)]
    public async Task A_connection_that_carries_nothing_more_is_noticed_within_one_and_a_half_keep_alives(int asked, int? wanted)
    {
        await _broker.StartAsync($"allow_anonymous true\n{(wanted is { } seconds ? $"max_keepalive {seconds}\n" : "")}");
        await using var cable = new BrokerProxy(_broker.Port);
        var connection = Start(cable.Port, TimeSpan.FromSeconds(asked));
        await Wait.UntilAsync(() => connection.IsConnected, "connected");
        await AdvanceAsync(100, () => false, everySeconds: 1, milliseconds: 15); // answered pings: nothing happens
        Assert.Equal(1, connection.Connections);

        cable.Freeze();
        var waited = await AdvanceAsync(600, () => !connection.IsConnected || connection.Connections > 1, everySeconds: 1, milliseconds: 15);
        Assert.InRange(waited, 20, 60);
        Assert.Equal(1, _log.Count("did not answer a ping"));
        await AdvanceAsync(2, () => connection.Connections > 1);
        await Wait.UntilAsync(() => connection is { IsConnected: true, Connections: 2 }, "connected again");
    }

    /// <summary>The broker publishes the will of a device that is gone by it.</summary>
    [Fact]
    public async Task The_keep_alive_time_is_announced()
    {
        var port = FreePort.Tcp();
        using var server = CreateServer(port);
        var announced = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.ValidatingConnectionAsync += connection =>
        {
            announced.TrySetResult(connection.KeepAlivePeriod ?? 0);
            return Task.CompletedTask;
        };
        await server.StartAsync();
        Start(port, TimeSpan.FromSeconds(41));
        Assert.Equal(41, await announced.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        await EndAsync(server);
    }

    [Fact]
    public async Task A_take_over_is_told_with_the_brokers_own_word_where_it_has_one()
    {
        var port = FreePort.Tcp();
        using var server = CreateServer(port); // which says 0x8E
        await server.StartAsync();
        await using var viewer = await TestClient.ConnectAsync(port, "viewer");
        await viewer.SubscribeAsync(s_topics.Event("broker"));
        var connection = Start(port, TimeSpan.FromMinutes(20));
        await Wait.UntilAsync(() => connection.IsConnected, "connected");
        await using var usurper = await TestClient.ConnectAsync(port, "dev");
        await Wait.UntilAsync(() => !connection.IsConnected && connection.Problem is not null, "taken over");
        Assert.Equal("another client connects as dev: give each device an id of its own (device.id, mqtt.clientId)", connection.Problem);

        await AdvanceAsync(2, () => connection.Connections > 1);
        await Wait.UntilAsync(() => !viewer.Received.IsEmpty, "and it says so as soon as it can");
        Assert.Contains("\"condition\":\"takenOver\",\"state\":\"began\",\"clientId\":\"dev\",\"problem\":\"another client connects as dev", viewer.Received.Single().Text, StringComparison.Ordinal);
        await EndAsync(server);
    }

    /// <summary>mosquitto 2.0 closes the connection without a word, by MQTT 5 too.</summary>
    [Fact]
    public async Task Two_devices_with_one_id_back_off_and_say_so()
    {
        await _broker.StartAsync();
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "viewer");
        await viewer.SubscribeAsync(s_topics.Event("broker"));
        var noPings = TimeSpan.FromMinutes(20); // whose answers take real time
        MqttConnection[] twins = [Start(_broker.Port, noPings), Start(_broker.Port, noPings)];

        await AdvanceAsync(1200, () => false, everySeconds: 1);
        var total = twins.Sum(twin => twin.Connections);
        Assert.InRange(total, 10, 120); // at one wait of 1 s each there would be 1200
        await Wait.UntilAsync(() => twins.Count(twin => twin.IsConnected) == 1 && twins.Count(twin => twin.Problem is not null) == 1, "one is connected, and the other is not");
        var away = twins.Single(twin => !twin.IsConnected);
        Assert.Contains("another client connects as dev: give each device an id of its own (device.id, mqtt.clientId)", away.Problem, StringComparison.Ordinal);
        Assert.InRange(_log.Count("another client connects as dev"), 2, total); // which each tells when it begins
        await Wait.UntilAsync(() => viewer.Received.Count == 2, "each has told it, once");
        Assert.All(viewer.Received, message => Assert.Contains("\"condition\":\"takenOver\",\"state\":\"began\",\"clientId\":\"dev\"", message.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task By_MQTT_3_1_1_it_is_suspected_after_three_connections()
    {
        await _broker.StartAsync();
        await using var old = new BrokerProxy(_broker.Port, isOld: true);
        var connection = Start(old.Port);
        await Wait.UntilAsync(() => connection.IsConnected, "connected");
        for (var i = 1; i <= 3; i++)
        {
            await using (var usurper = new TestClient())
                await usurper.TryConnectAsync(TestClient.Options(_broker.Port, "dev", MqttProtocolVersion.V311));
            await Wait.UntilAsync(() => !connection.IsConnected && connection.Problem is not null, "taken over");
            if (i == 3)
                break;
            await AdvanceAsync(5, () => connection.Connections > i);
            await Wait.UntilAsync(() => connection.IsConnected && connection.Connections > i, "connected again");
        }

        Assert.StartsWith("closes each connection within 30 s, as where another client connects as dev", connection.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_is_away_for_ten_minutes_is_looked_for_every_few_seconds_and_told_once()
    {
        await _broker.StartAsync();
        var board = new ProgressBoard(_time);
        var connection = Start(_broker.Port, TimeSpan.FromMinutes(20), progress: board.Add("broker connection"), seed: 5);
        await Wait.UntilAsync(() => connection.IsConnected, "connected");
        _broker.Kill();
        await Wait.UntilAsync(() => !connection.IsConnected && connection.Problem is not null, "lost");
        for (var i = 0; i < 1000; i++)
        {
            connection.Publish(s_topics.Event("test"), Encoding.UTF8.GetBytes($"{i}"), Queueing.Keep, TimeSpan.FromHours(1));
            connection.Publish("edgecam/v1/dev/telemetry", Encoding.UTF8.GetBytes($"{i}"), Queueing.Newest, TimeSpan.FromHours(1));
        }

        await AdvanceAsync(600, () => false, everySeconds: 1, board);
        var attempts = _log.Count("refuses TCP");
        Assert.InRange(attempts, 100, 300);
        Assert.Equal(1, _log.Lines.Count(line => line.Contains("refuses TCP", StringComparison.Ordinal) && !line.Contains("still", StringComparison.Ordinal)));

        await _broker.StartAsync();
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "viewer");
        await viewer.SubscribeAsync("edgecam/v1/dev/#");
        Assert.InRange(await AdvanceAsync(20, () => connection.Connections == 2, board: board), 0, 8);
        await Wait.UntilAsync(() => connection.Queued == 0, "all is told");
        await Wait.UntilAsync(() => viewer.Received.Count > OutgoingQueue.MaxKept, "all is heard");
        Assert.Equal(Enumerable.Range(0, OutgoingQueue.MaxKept).Select(i => $"{i}"), viewer.Received.Where(message => message.Topic == s_topics.Event("test")).Select(message => message.Text));
        Assert.Equal(["999"], viewer.Received.Where(message => message.Topic.EndsWith("telemetry", StringComparison.Ordinal)).Select(message => message.Text));
    }

    [Fact]
    public async Task Where_the_addresses_change_while_nobody_is_reached_it_is_tried_at_once()
    {
        var connection = Start(_broker.Port); // which does not run
        await Wait.UntilAsync(() => connection.IsTried, "tried");
        await _broker.StartAsync();
        connection.Check();
        await Wait.UntilAsync(() => connection.IsConnected, "connected, and no time has gone by");
    }

    private static MqttServer CreateServer(int port) => new MqttServerFactory().CreateMqttServer(
        new MqttServerOptionsBuilder().WithDefaultEndpoint().WithDefaultEndpointBoundIPAddress(IPAddress.Loopback).WithDefaultEndpointPort(port).Build());

    /// <summary>First the only connection, which says goodbye, and then what it was to.</summary>
    private async Task EndAsync(MqttServer server)
    {
        await _stop.CancelAsync();
        _time.Advance(TimeSpan.FromSeconds(3));
        await _started[0].Running;
        await server.StopAsync();
    }

    private MqttConnection Start(int port, TimeSpan? keepAlive = null, Progress? progress = null, int seed = 1)
    {
        var random = new Random(seed + _started.Count);
        var connection = new MqttConnection(
            new(new("127.0.0.1", port, IsSecure: false), "dev", s_topics.Status, "offline"u8.ToArray(), KeepAlive: keepAlive, EventTopic: s_topics.Event("broker")),
            _drops, _time, () => 0.2 + (0.8 * random.NextDouble()), _log, progress);
        connection.SetStatus(Encoding.UTF8.GetBytes($"online {_started.Count}"));
        _started.Add((connection, connection.RunAsync(_stop.Token)));
        return connection;
    }

    /// <summary>Lets time go by until it is so, and gives the other threads a little of the real one at each step.</summary>
    /// <returns>The seconds that went by.</returns>
    private async Task<double> AdvanceAsync(double seconds, Func<bool> condition, double everySeconds = 0.5, ProgressBoard? board = null, int milliseconds = 2)
    {
        for (double gone = 0; ; gone += everySeconds)
        {
            await Task.Delay(milliseconds);
            if (board is not null)
                await Wait.UntilAsync(() => board.Overdue().Count == 0, "a further promise");
            if (gone >= seconds || condition())
                return gone;
            _time.Advance(TimeSpan.FromSeconds(everySeconds));
        }
    }
}
