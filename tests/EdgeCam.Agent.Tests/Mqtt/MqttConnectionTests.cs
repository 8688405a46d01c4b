using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;

namespace EdgeCam.Agent.Tests.Mqtt;

/// <summary>The device's connection, against a real mosquitto that dies and comes back.</summary>
public sealed class MqttConnectionTests : IAsyncLifetime
{
    private static readonly MqttTopics s_topics = new("edgecam/v1", "dev");
    private static readonly byte[] s_offline = """{"online":false}"""u8.ToArray();
    private static readonly byte[] s_online = """{"online":true,"bootId":"1"}"""u8.ToArray();

    private readonly Mosquitto _broker = new();
    private readonly DropCounters _drops = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<MqttMessage> _received = [];
    private MqttConnection? _connection;
    private Task _running = Task.CompletedTask;

    public async ValueTask InitializeAsync() => await _broker.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _broker.DisposeAsync();
        _drops.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task It_says_that_it_is_online_and_takes_it_back()
    {
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "viewer");
        Run();
        await Connected();
        await viewer.SubscribeAsync(s_topics.Status);
        await viewer.SubscribeAsync("edgecam/v1/+/status");
        await Has(viewer, s_online);
        Assert.Equal("5", _connection!.Version);

        await StopAsync();

        await Has(viewer, s_offline);
    }

    [Fact]
    public async Task The_will_says_that_it_is_gone_and_is_retained()
    {
        var cable = new BrokerProxy(_broker.Port);
        Run(cable.Port);
        await Connected();
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "viewer");
        await viewer.SubscribeAsync(s_topics.Status);
        await Has(viewer, s_online);

        await cable.DisposeAsync(); // no DISCONNECT: the broker finds the connection broken

        await Has(viewer, s_offline);
        await using var late = await TestClient.ConnectAsync(_broker.Port, "late");
        await late.SubscribeAsync(s_topics.Status);
        await Wait.UntilAsync(() => late.Received.Any(message => message.Retained && message.Text == Encoding.UTF8.GetString(s_offline)), "retained");
    }

    [Fact]
    public async Task After_the_broker_died_it_comes_back_subscribed_and_online()
    {
        Run();
        await Connected();
        _broker.Kill();
        await Wait.UntilAsync(() => !_connection!.IsConnected, "the loss is noticed");
        _connection!.Publish(s_topics.ToViewerOf("viewer", "session-0001"), "said meanwhile"u8.ToArray(), Queueing.Answer, TimeSpan.FromSeconds(30));

        await _broker.StartAsync();
        await using var viewer = new TestClient();
        Assert.Equal(MqttClientConnectResultCode.Success, await viewer.TryConnectAsync(TestClient.Options(_broker.Port, "viewer")));
        await viewer.SubscribeAsync(s_topics.Status);
        await viewer.SubscribeAsync(s_topics.ToViewerOf("viewer", "session-0001"));
        await Connected(connections: 2);

        await Has(viewer, s_online);
        await viewer.PublishAsync("edgecam/v1/dev/session/viewer/session-0001/to-device", "hello again");
        await Wait.UntilAsync(() => Received("hello again"), "the subscription was made again");
    }

    [Fact]
    public async Task A_connection_that_carries_nothing_since_the_addresses_changed_is_replaced_at_once()
    {
        await using var cable = new BrokerProxy(_broker.Port);
        Run(new MqttConnectionOptions(new("127.0.0.1", cable.Port, IsSecure: false), "dev", s_topics.Status, s_offline, FirstDelay: TimeSpan.FromMinutes(10), MaxDelay: TimeSpan.FromMinutes(10)));
        await Connected();
        _connection!.Check(); // answered: nothing happens
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "viewer");
        await viewer.SubscribeAsync(s_topics.ToViewerOf("viewer", "session-0001"));

        cable.Freeze();
        _connection.Publish(s_topics.ToViewerOf("viewer", "session-0001"), "said meanwhile"u8.ToArray(), Queueing.Answer, TimeSpan.FromSeconds(30));
        _connection.Check();

        await Has(viewer, "said meanwhile"u8.ToArray()); // without the ten minutes
        Assert.Equal(2, _connection.Connections);
    }

    [Fact]
    public async Task With_other_options_it_leaves_one_broker_and_comes_to_another_at_once()
    {
        await using var other = new Mosquitto();
        await other.StartAsync();
        await using var here = await TestClient.ConnectAsync(_broker.Port, "viewer");
        await using var there = await TestClient.ConnectAsync(other.Port, "viewer");
        await here.SubscribeAsync(s_topics.Status);
        await there.SubscribeAsync(s_topics.Status);
        Run();
        await Connected();
        await Has(here, s_online);

        _connection!.Replace(new(new("127.0.0.1", other.Port, IsSecure: false), "dev", s_topics.Status, s_offline));

        await Connected(connections: 2);
        await Has(here, s_offline);
        await Has(there, s_online);
        await there.PublishAsync("edgecam/v1/dev/session/viewer/session-0001/to-device", "hello there");
        await Wait.UntilAsync(() => Received("hello there"), "the subscription");
        await there.PublishAsync(s_topics.Status, s_offline, retain: true); // it still watches over its status
        await Wait.UntilAsync(() => there.Received.Count(message => message.Text == Encoding.UTF8.GetString(s_online)) >= 2, "online again");
    }

    [Fact]
    public async Task A_broker_that_cannot_be_reached_is_left_for_another_without_waiting()
    {
        Run(new MqttConnectionOptions(new("127.0.0.1", FreePort.Tcp(), IsSecure: false), "dev", s_topics.Status, s_offline, FirstDelay: TimeSpan.FromMinutes(10), MaxDelay: TimeSpan.FromMinutes(10)));
        await Wait.UntilAsync(() => _connection!.IsTried, "an attempt");
        _connection!.Replace(new(new("127.0.0.1", _broker.Port, IsSecure: false), "dev", s_topics.Status, s_offline));
        await Connected();
    }

    [Fact]
    public async Task What_it_publishes_retained_is_there_for_whoever_comes_late_and_what_it_asks_for_retained_it_gets()
    {
        await using var early = await TestClient.ConnectAsync(_broker.Port, "early");
        await early.PublishAsync(s_topics.ConfigDesired, "wanted", retain: true);
        Run();
        await Connected();
        await Wait.UntilAsync(() => Received("wanted"), "the retained message");
        _connection!.Publish(s_topics.ConfigReported, "reported"u8.ToArray(), Queueing.Newest, TimeSpan.Zero, retain: true);
        await early.SubscribeAsync(s_topics.ConfigReported);
        await Has(early, "reported"u8.ToArray());
        await using var late = await TestClient.ConnectAsync(_broker.Port, "late");
        await late.SubscribeAsync(s_topics.ConfigReported);
        await Wait.UntilAsync(() => late.Received.Any(message => message is { Retained: true, Text: "reported" }), "retained");
    }

    [Fact]
    public async Task A_status_that_someone_overwrites_is_published_again()
    {
        Run();
        await Connected();
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "viewer");
        await viewer.SubscribeAsync(s_topics.Status);
        await Has(viewer, s_online);
        viewer.Received.Clear();

        await viewer.PublishAsync(s_topics.Status, s_offline, retain: true); // as an old connection's will does

        await Wait.UntilAsync(() => viewer.Received.Any(message => message.Text == Encoding.UTF8.GetString(s_online)), "online again");
        Assert.Equal(1, _connection!.Connections);
    }

    [Fact]
    public async Task Its_own_old_will_does_not_leave_it_offline()
    {
        Run();
        await Connected();
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "viewer");
        await viewer.SubscribeAsync(s_topics.Status);

        // The broker publishes the will of the connection that is taken over, and that may come after the new one's status.
        await using (var usurper = new TestClient())
            await usurper.TryConnectAsync(TestClient.Options(_broker.Port, "dev").WithWillTopic(s_topics.Status).WithWillPayload(s_offline).WithWillRetain());

        await Connected(connections: 2);
        await Wait.UntilAsync(() => viewer.Received.LastOrDefault().Text == Encoding.UTF8.GetString(s_online), "online in the end");
    }

    [Fact]
    public async Task Retained_and_oversized_messages_are_marked()
    {
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "viewer");
        await viewer.PublishAsync("edgecam/v1/dev/session/viewer/session-0000/to-device", "kept from before", retain: true);
        Run();
        await Connected();

        await viewer.PublishAsync("edgecam/v1/dev/session/viewer/session-0001/to-device", "to be kept", retain: true);
        await viewer.PublishAsync("edgecam/v1/dev/session/viewer/session-0001/to-device", new byte[MqttConnection.MaxPayload + 1]);
        await viewer.PublishAsync("edgecam/v1/dev/session/viewer/session-0001/to-device", new byte[MqttConnection.MaxPayload]);

        await Wait.UntilAsync(() => Count() == 3, "three messages: what was kept from before is not asked for");
        lock (_received)
        {
            Assert.True(_received[0].Retained);
            Assert.True(_received[1] is { Oversized: true, Payload.IsEmpty: true });
            Assert.True(_received[2] is { Oversized: false, Payload.Length: MqttConnection.MaxPayload });
        }
    }

    [Fact]
    public async Task A_broker_that_knows_only_3_1_1_gets_3_1_1()
    {
        await using var old = new BrokerProxy(_broker.Port, isOld: true);
        Run(old.Port);
        await Connected();

        Assert.Equal("3.1.1", _connection!.Version);
        Assert.Equal([5, 4], old.Versions);
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "viewer");
        await viewer.SubscribeAsync(s_topics.Status);
        await Has(viewer, s_online);
        await viewer.PublishAsync("edgecam/v1/dev/session/viewer/session-0001/to-device", "hello");
        await Wait.UntilAsync(() => Received("hello"), "subscribed");
    }

    [Fact]
    public async Task So_does_one_that_hangs_up_on_mqtt_5()
    {
        await using var old = new BrokerProxy(_broker.Port, isOld: true, hangsUp: true);
        Run(old.Port);
        await Connected();

        Assert.Equal("3.1.1", _connection!.Version);
    }

    [Fact]
    public async Task What_waits_for_the_broker_is_bounded_and_expires()
    {
        _broker.Kill();
        Run();
        for (var i = 0; i < 300; i++)
            _connection!.Publish("t", new byte[1], Queueing.Answer, TimeSpan.FromMilliseconds(1));
        Assert.InRange(_connection!.Queued, 1, 256);

        await _broker.StartAsync();

        await Wait.UntilAsync(() => _drops[Stage.Signaling, DropReason.Expired] + _drops[Stage.Signaling, DropReason.QueueFull] == 300, "what nobody wants any more is not sent");
    }

    [Fact]
    public async Task A_broker_with_tls_and_a_password_is_reached_and_no_other_in_its_place()
    {
        await using var secure = await Mosquitto.StartSecureAsync("dev", "correct horse");
        var options = new MqttConnectionOptions(
            new("localhost", secure.Port, IsSecure: true), "dev", s_topics.Status, s_offline, "dev", "correct horse"u8.ToArray(), new(secure.CaFile),
            FirstDelay: TimeSpan.FromMilliseconds(20), MaxDelay: TimeSpan.FromMilliseconds(100));
        Run(options);
        await Connected();

        foreach (var wrong in new[]
                 {
                     options with { Password = "guess"u8.ToArray() },
                     options with { Tls = null },
                     options with { Broker = options.Broker with { Host = "127.0.0.1" } }, // the certificate is for localhost
                 })
        {
            using var refused = new MqttConnection(wrong with { ClientId = "other" }, _drops, TimeProvider.System, () => 0.5, NullLogger<MqttConnection>.Instance);
            using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(400));
            await refused.RunAsync(soon.Token);
            Assert.Equal(0, refused.Connections);
        }
    }

    private void Run(int? port = null) => Run(new MqttConnectionOptions(
        new("127.0.0.1", port ?? _broker.Port, IsSecure: false), "dev", s_topics.Status, s_offline,
        FirstDelay: TimeSpan.FromMilliseconds(20), MaxDelay: TimeSpan.FromMilliseconds(100)));

    private void Run(MqttConnectionOptions options)
    {
        _connection = new(options, _drops, TimeProvider.System, () => 0.5, NullLogger<MqttConnection>.Instance);
        _connection.Subscribe(s_topics.ToDeviceFilter, Keep);
        _connection.Subscribe(s_topics.ConfigDesired, Keep, isRetained: true);
        _connection.SetStatus(s_online);
        _running = _connection.RunAsync(_stop.Token);
    }

    private void Keep(MqttMessage message)
    {
        lock (_received)
            _received.Add(message);
    }

    private async Task StopAsync()
    {
        if (!_stop.IsCancellationRequested)
            await _stop.CancelAsync();
        await _running;
        _connection?.Dispose();
    }

    private Task Connected(int connections = 1) => Wait.UntilAsync(() => _connection!.IsConnected && _connection.Connections >= connections, $"connection {connections}");

    private static Task Has(TestClient client, byte[] payload) =>
        Wait.UntilAsync(() => client.Received.Any(message => message.Text == Encoding.UTF8.GetString(payload)), Encoding.UTF8.GetString(payload));

    private int Count()
    {
        lock (_received)
            return _received.Count;
    }

    private bool Received(string text)
    {
        lock (_received)
            return _received.Any(message => Encoding.UTF8.GetString(message.Payload.Span) == text);
    }
}
