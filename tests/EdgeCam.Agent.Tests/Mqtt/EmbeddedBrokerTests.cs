using System.Diagnostics;
using System.Net.Sockets;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Formatter;

namespace EdgeCam.Agent.Tests.Mqtt;

/// <summary>The broker inside the agent, as real clients meet it.</summary>
public sealed class EmbeddedBrokerTests : IAsyncLifetime
{
    private static readonly MqttTopics s_topics = new("edgecam/v1", "dev");

    private readonly DropCounters _drops = new();
    private readonly AccessPolicy _open = OpenAccess.Policy("dev");
    private readonly EmbeddedBroker _broker;

    public EmbeddedBrokerTests() => _broker = new(new EmbeddedBrokerOptions(Port: 0), s_topics, _open, _drops, TimeProvider.System, NullLogger<EmbeddedBroker>.Instance);

    public async ValueTask InitializeAsync() => await _broker.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _broker.StopAsync();
        _broker.Dispose();
        _open.Dispose();
        _drops.Dispose();
    }

    [Fact]
    public async Task A_viewer_and_the_device_talk()
    {
        await using var device = await Device();
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "alice");
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await device.SubscribeAsync(s_topics.ToDeviceFilter));
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await viewer.SubscribeAsync(s_topics.ToViewerOf("alice", "session-0001")));
        Assert.True((await device.PublishAsync(s_topics.Status, "online", retain: true)).IsSuccess);
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await viewer.SubscribeAsync("edgecam/v1/+/status"));

        await viewer.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", "offer");
        await Wait.UntilAsync(() => device.Received.Any(message => message.Text == "offer"), "the offer");
        await device.PublishAsync(s_topics.ToViewerOf("alice", "session-0001"), "answer");
        await Wait.UntilAsync(() => viewer.Received.Any(message => message.Text == "answer"), "the answer");
        Assert.Contains(viewer.Received, message => message is { Text: "online", Retained: true });
    }

    [Fact]
    public async Task One_client_cannot_push_out_what_the_others_say()
    {
        await using var device = await Device();
        await device.SubscribeAsync(s_topics.ToDeviceFilter);
        await using var mallory = await TestClient.ConnectAsync(_broker.Port, "mallory");
        await using var alice = await TestClient.ConnectAsync(_broker.Port, "alice");

        var flood = Enumerable.Range(0, 1000).Select(_ => mallory.PublishAsync("edgecam/v1/dev/session/mallory/session-0001/to-device", "noise")).ToList();
        Assert.True((await alice.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", "offer")).IsSuccess);
        var results = await Task.WhenAll(flood);

        await Wait.UntilAsync(() => device.Received.Any(message => message.Text == "offer"), "the offer");
        var refused = results.Count(result => result.ReasonCode == MqttClientPublishReasonCode.QuotaExceeded);
        Assert.InRange(refused, 1, 1000 - 60);
        Assert.Equal(refused, _drops[Stage.Signaling, DropReason.RateLimited]);
    }

    [Fact]
    public void A_client_may_publish_60_messages_at_once_and_120_a_second()
    {
        var budget = new PublishBudget();
        var now = Stopwatch.GetTimestamp() + Stopwatch.Frequency;
        Assert.Equal(60, Enumerable.Range(0, 100).Count(_ => budget.TryTake(now)));
        Assert.Equal(120, Enumerable.Range(1, 10_000).Count(i => budget.TryTake(now + (i * Stopwatch.Frequency / 10_000))));
    }

    [Theory]
    [InlineData("edgecam/v1/dev/status")]
    [InlineData("edgecam/v1/dev/telemetry")]
    [InlineData("edgecam/v1/other/status")]
    [InlineData("edgecam/v1/dev/session/bob/session-0001/to-device")]
    [InlineData("edgecam/v1/dev/session/alice/session-0001/to-viewer")]
    [InlineData("edgecam/v1/dev/session/alice/short/to-device")]
    [InlineData("edgecam/v1/dev/session/alice/session-0001/to-device/more")]
    [InlineData("edgecam/v1/other/session/alice/session-0001/to-device")]
    [InlineData("edgecam/v1/dev/rpc/alice/request")]
    [InlineData("edgecam/v1/dev/config/desired")]
    [InlineData("$SYS/broker")]
    [InlineData("anything")]
    public async Task A_viewer_may_not_publish(string topic)
    {
        await using var device = await Device();
        await device.SubscribeAsync("edgecam/v1/dev/#");
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "alice");

        var result = await viewer.PublishAsync(topic, "forged", retain: true);

        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, result.ReasonCode);
        Assert.Equal(1, _drops[Stage.Signaling, DropReason.Forbidden]);
        Assert.Empty(device.Received);
    }

    [Theory]
    [InlineData("#")]
    [InlineData("+/+/+/+")]
    [InlineData("edgecam/v1/#")]
    [InlineData("edgecam/v1/dev/#")]
    [InlineData("edgecam/v1/dev/session/#")]
    [InlineData("edgecam/v1/dev/session/+/+/to-viewer")]
    [InlineData("edgecam/v1/dev/session/bob/session-0001/to-viewer")]
    [InlineData("edgecam/v1/dev/session/+/+/to-device")]
    [InlineData("edgecam/v1/dev/session/alice/+/to-device")]
    [InlineData("edgecam/v1/dev/config/reported")]
    [InlineData("$share/group/edgecam/v1/dev/session/+/+/to-viewer")]
    [InlineData("$SYS/#")]
    public async Task A_viewer_may_not_subscribe(string filter)
    {
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "alice");

        Assert.Contains(await viewer.SubscribeAsync(filter),
            new[] { MqttClientSubscribeResultCode.NotAuthorized, MqttClientSubscribeResultCode.SharedSubscriptionsNotSupported });
    }

    [Theory]
    [InlineData("edgecam/v1/+/status")]
    [InlineData("edgecam/v1/dev/status")]
    [InlineData("edgecam/v1/dev/session/alice/+/to-viewer")]
    [InlineData("edgecam/v1/+/session/alice/session-0001/to-viewer")]
    public async Task A_viewer_may_subscribe(string filter)
    {
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "alice");

        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await viewer.SubscribeAsync(filter));
    }

    [Fact]
    public async Task A_viewer_keeps_nothing_at_the_broker()
    {
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "alice");

        var result = await viewer.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", "kept", retain: true);

        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, result.ReasonCode);
        Assert.Equal(1, _drops[Stage.Signaling, DropReason.Retained]);
    }

    [Fact]
    public async Task A_viewers_will_is_held_to_the_same_rules()
    {
        await using var device = await Device();
        await device.SubscribeAsync("edgecam/v1/dev/#");
        await using (var viewer = new TestClient())
        {
            await viewer.TryConnectAsync(TestClient.Options(_broker.Port, "alice").WithWillTopic(s_topics.Status).WithWillPayload("forged").WithWillRetain());
            viewer.Drop();
        }

        await Wait.UntilAsync(() => _drops[Stage.Signaling, DropReason.Forbidden] == 1, "the will is refused");
        Assert.Empty(device.Received);
    }

    [Theory]
    [InlineData("dev", null, null)]
    [InlineData("dev", "edgecam-device", "guess")]
    [InlineData("alice", "edgecam-device", "")]
    [InlineData("alice", "someone", "x")]
    [InlineData("a/b", null, null)]
    [InlineData("+", null, null)]
    public async Task Nobody_poses_as_the_device(string clientId, string? user, string? password)
    {
        await using var device = await Device();
        await using var client = new TestClient();
        var options = TestClient.Options(_broker.Port, clientId);
        if (user is not null)
            options = options.WithCredentials(user, password);

        Assert.NotEqual(MqttClientConnectResultCode.Success, await client.TryConnectAsync(options));
        Assert.True(device.IsConnected);
    }

    [Fact]
    public async Task Mqtt_3_1_1_is_served()
    {
        await using var viewer = new TestClient();
        Assert.Equal(MqttClientConnectResultCode.Success, await viewer.TryConnectAsync(TestClient.Options(_broker.Port, "alice", MqttProtocolVersion.V311)));
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await viewer.SubscribeAsync("edgecam/v1/+/status"));
    }

    [Fact]
    public async Task Subscriptions_of_a_client_are_bounded()
    {
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "alice");
        for (var i = 0; i < BrokerRules.MaxSubscriptions; i++)
            Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await viewer.SubscribeAsync(s_topics.ToViewerOf("alice", $"session-{i:0000}")));

        Assert.Equal(MqttClientSubscribeResultCode.QuotaExceeded, await viewer.SubscribeAsync("edgecam/v1/+/status"));
    }

    [Theory]
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0x7F })] // a CONNECT of 256 MB
    [InlineData(new byte[] { 0x10, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 })] // a length that does not end
    [InlineData(new byte[] { 0x10, 0x80, 0x80, 0x80, 0x01 })] // 2 MB
    [InlineData(new byte[] { 0x47, 0x02, 0x54, 0x20 })] // no CONNECT
    public async Task Garbage_costs_its_sender_the_connection_and_nobody_else(byte[] garbage)
    {
        await using var viewer = await TestClient.ConnectAsync(_broker.Port, "alice");
        using var intruder = new TcpClient("127.0.0.1", _broker.Port);
        var stream = intruder.GetStream();
        await stream.WriteAsync(garbage);

        try
        {
            Assert.Equal(0, await stream.ReadAsync(new byte[16]).AsTask().WaitAsync(TimeSpan.FromSeconds(5)));
        }
        catch (IOException)
        {
            // Reset: as good as closed.
        }

        Assert.True((await viewer.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", "still here")).ReasonCode
            is MqttClientPublishReasonCode.Success or MqttClientPublishReasonCode.NoMatchingSubscribers);
    }

    [Fact]
    public void A_taken_port_is_said_at_once() => Assert.Throws<SocketException>(() =>
        new EmbeddedBroker(new EmbeddedBrokerOptions(Port: _broker.Port), s_topics, _open, _drops, TimeProvider.System, NullLogger<EmbeddedBroker>.Instance));

    private async Task<TestClient> Device()
    {
        var device = new TestClient();
        var options = TestClient.Options(_broker.Port, "dev").WithCredentials(EmbeddedBroker.DeviceUser, _broker.DevicePassword);
        Assert.Equal(MqttClientConnectResultCode.Success, await device.TryConnectAsync(options));
        return device;
    }
}
