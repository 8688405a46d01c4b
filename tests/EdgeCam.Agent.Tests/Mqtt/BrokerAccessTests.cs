using System.Text;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Protocol;

namespace EdgeCam.Agent.Tests.Mqtt;

/// <summary>The embedded broker where access is by token: a token is the password, its scopes make the role, its end is the connection's.</summary>
public sealed class BrokerAccessTests : IAsyncLifetime
{
    private static readonly MqttTopics s_topics = new("edgecam/v1", "dev");

    private readonly ManualTime _time = new(DateTimeOffset.UtcNow);
    private readonly DropCounters _drops = new();
    private readonly DeviceKeys _keys = DeviceKeys.CreateForThisRun();
    private readonly CancellationTokenSource _stop = new();
    private readonly TokenForge _forge;
    private readonly AccessPolicy _access;
    private readonly EmbeddedBroker _broker;
    private Task _running = Task.CompletedTask;

    public BrokerAccessTests()
    {
        _forge = new(_keys.Signing, _time);
        _access = new(AccessMode.Tokens, "dev", _keys.Signing, _time);
        _broker = new(new EmbeddedBrokerOptions(Port: 0), s_topics, _access, _drops, _time, NullLogger<EmbeddedBroker>.Instance);
    }

    public async ValueTask InitializeAsync()
    {
        await _broker.StartAsync();
        _running = _broker.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await _broker.StopAsync();
        _broker.Dispose();
        _access.Dispose();
        _forge.Dispose();
        _keys.Dispose();
        _drops.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task Without_a_good_token_nobody_connects()
    {
        using var others = DeviceKeys.CreateForThisRun();
        using var forged = new TokenForge(others.Signing, _time);
        foreach (var password in new[] { null, "", "x", forged.Token(), _forge.Token(change: claims => claims["aud"] = "garden"), _forge.Token("ptz"), new string('a', 5000) })
        {
            await using var client = new TestClient();
            var options = TestClient.Options(_broker.Port, "alice");
            Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, await client.TryConnectAsync(password is null ? options : options.WithCredentials("token", password)));
        }

        Assert.Equal(7, _drops[Stage.Signaling, DropReason.Forbidden]);
        await using var device = new TestClient();
        Assert.Equal(MqttClientConnectResultCode.Success, await device.TryConnectAsync(TestClient.Options(_broker.Port, "dev").WithCredentials(EmbeddedBroker.DeviceUser, _broker.DevicePassword)));
    }

    [Fact]
    public async Task Who_may_watch_is_a_viewer_and_who_may_manage_an_operator()
    {
        await using var viewer = await ConnectAsync("alice", _forge.Token("view ptz gpio record"));
        Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, (await viewer.PublishAsync("edgecam/v1/dev/session/alice/session-0001/to-device", "offer")).ReasonCode);
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await viewer.PublishAsync("edgecam/v1/dev/rpc/alice/request", "{}")).ReasonCode);
        Assert.Equal(MqttClientSubscribeResultCode.NotAuthorized, await viewer.SubscribeAsync("edgecam/v1/dev/rpc/alice/response"));

        await using var manager = await ConnectAsync("bob", _forge.Token("manage"));
        Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, (await manager.PublishAsync("edgecam/v1/dev/rpc/bob/request", "{}")).ReasonCode);
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await manager.PublishAsync("edgecam/v1/dev/rpc/alice/request", "{}")).ReasonCode);
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, await manager.SubscribeAsync("edgecam/v1/dev/rpc/bob/response"));
        Assert.True((await manager.PublishAsync("edgecam/v1/dev/config/desired", "{}", retain: true)).IsSuccess);
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await manager.PublishAsync("edgecam/v1/dev/rpc/bob/request", "{}", retain: true)).ReasonCode);
    }

    [Fact]
    public async Task A_connection_ends_with_its_token_and_not_with_the_one_before()
    {
        await using var first = await ConnectAsync("alice", Ending(60));
        await using var other = await ConnectAsync("bob", Ending(120));
        await using var third = await ConnectAsync("carol", Ending(60));
        await using var renewed = await ConnectAsync("alice", Ending(120)); // takes the first one's place
        await Wait.UntilAsync(() => !first.IsConnected, "the first is replaced");

        _time.Advance(TimeSpan.FromSeconds(64));
        await Wait.UntilAsync(() => !third.IsConnected, "the third ended");
        foreach (var (client, name) in new[] { (other, "bob"), (renewed, "alice") })
            Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, (await client.PublishAsync($"edgecam/v1/dev/session/{name}/session-0001/to-device", "x")).ReasonCode);

        _time.Advance(TimeSpan.FromSeconds(60));
        await Wait.UntilAsync(() => !other.IsConnected && !renewed.IsConnected, "both ended");
    }

    [Fact]
    public async Task A_connection_ends_within_seconds_when_its_token_is_revoked()
    {
        await using var revoked = await ConnectAsync("alice", _forge.Token(change: static claims => claims["jti"] = "token-1"));
        await using var other = await ConnectAsync("bob", _forge.Token());
        Assert.Null(_access.Trust.Revocations.Add(Agent.Security.Trust.RevocationList.Empty with { Tokens = Agent.Security.Trust.RevocationList.Names(["token-1"]) }));

        await Wait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return !revoked.IsConnected;
            },
            "the revoked one ended");
        Assert.True(other.IsConnected);
        await using var again = new TestClient();
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, await again.TryConnectAsync(TestClient.Options(_broker.Port, "alice").WithCredentials("token", _forge.Token(change: static claims => claims["jti"] = "token-1"))));
    }

    [Fact]
    public async Task Whoever_comes_without_a_name_before_MQTT_5_is_refused_and_the_broker_goes_on()
    {
        using var nameless = new System.Net.Sockets.TcpClient("127.0.0.1", _broker.Port);
        var password = Encoding.ASCII.GetBytes(Ending(60));
        byte[] body = [0, 4, (byte)'M', (byte)'Q', (byte)'T', (byte)'T', 4, 0b1100_0010, 0, 60, 0, 0, 0, 1, (byte)'t', (byte)(password.Length >> 8), (byte)password.Length, .. password]; // MQTT 3.1.1 §3.1
        var stream = nameless.GetStream();
        await stream.WriteAsync((byte[])[0x10, (byte)((body.Length & 0x7F) | 0x80), (byte)(body.Length >> 7), .. body], TestContext.Current.CancellationToken);
        var answer = new byte[4];
        await stream.ReadExactlyAsync(answer, TestContext.Current.CancellationToken);
        Assert.Equal([0x20, 2, 0, 2], answer); // identifier rejected
        await using var other = await ConnectAsync("bob", Ending(90));

        _time.Advance(TimeSpan.FromSeconds(64));
        _time.Advance(TimeSpan.FromSeconds(30));
        await Wait.UntilAsync(() => !other.IsConnected, "the next one ended");
        Assert.False(_running.IsCompleted);
    }

    [Fact]
    public async Task A_client_id_is_its_holders_for_as_long_as_he_is_there()
    {
        using var others = new TokenForge(_keys.Signing, _time);
        await using var manager = await ConnectAsync("bob", _forge.Token("manage"));
        foreach (var token in new[] { others.Token("manage"), others.Token("view"), _forge.Token("view"), _forge.Token("manage", isBound: false) })
        {
            await using var intruder = new TestClient();
            Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid,
                await intruder.TryConnectAsync(TestClient.Options(_broker.Port, "bob").WithCleanStart(false).WithCredentials("token", token)));
        }

        Assert.True(manager.IsConnected);
        await using var again = await ConnectAsync("bob", _forge.Token("manage"), isAnew: false); // the same one, whose connection is dead perhaps
        await Wait.UntilAsync(() => !manager.IsConnected, "the first is replaced");
        Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, (await again.PublishAsync("edgecam/v1/dev/rpc/bob/request", "{}")).ReasonCode);

        await again.DisposeAsync();
        await using var viewer = new TestClient();
        var options = TestClient.Options(_broker.Port, "bob").WithCleanStart(false).WithCredentials("token", others.Token("view"));
        for (var i = 0; i < 100 && await viewer.TryConnectAsync(options) != MqttClientConnectResultCode.Success; i++)
            await Task.Delay(20, TestContext.Current.CancellationToken);
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, (await viewer.PublishAsync("edgecam/v1/dev/rpc/bob/request", "{}")).ReasonCode); // nothing is left of whose it was
    }

    [Fact]
    public async Task A_session_that_goes_on_keeps_the_number_of_its_subscriptions()
    {
        await using var first = await ConnectAsync("alice", _forge.Token("view"));
        for (var i = 0; i < BrokerRules.MaxSubscriptions; i++)
            await first.SubscribeAsync($"edgecam/v1/dev/session/alice/session-{i:D4}/to-viewer");
        await using var again = await ConnectAsync("alice", _forge.Token("view"), isAnew: false);

        Assert.Equal(MqttClientSubscribeResultCode.QuotaExceeded, await again.SubscribeAsync("edgecam/v1/dev/status"));
    }

    [Fact]
    public async Task An_operators_request_is_answered_where_it_asks_for_with_what_correlates_them()
    {
        using var connection = new MqttConnection(
            new(new("127.0.0.1", _broker.Port, IsSecure: false), "dev", s_topics.Status, "offline"u8.ToArray(), EmbeddedBroker.DeviceUser, _broker.DevicePassword),
            _drops, TimeProvider.System, () => 0, NullLogger<MqttConnection>.Instance);
        var service = new EdgeCam.Agent.Signaling.RpcService(
            new(_access, "dev", _time), (request, client, grant) => ValueTask.FromResult<byte[]?>(Encoding.UTF8.GetBytes($"{client}: {Encoding.UTF8.GetString(request.Span)}")),
            EdgeCam.Agent.Signaling.RpcService.Sender(connection, s_topics), new(), _drops, _time, NullLogger<EdgeCam.Agent.Signaling.RpcService>.Instance);
        service.Connect(connection, s_topics);
        using var stop = new CancellationTokenSource();
        var running = Task.WhenAll(connection.RunAsync(stop.Token), service.RunAsync(stop.Token));
        await Wait.UntilAsync(() => connection.IsConnected, "the device");

        using var client = new MqttClientFactory().CreateMqttClient();
        List<MqttApplicationMessage> received = [];
        client.ApplicationMessageReceivedAsync += message =>
        {
            lock (received)
                received.Add(message.ApplicationMessage);
            return Task.CompletedTask;
        };
        await client.ConnectAsync(TestClient.Options(_broker.Port, "bob").WithCredentials("token", _forge.Token("manage")).Build(), TestContext.Current.CancellationToken);
        await client.SubscribeAsync("edgecam/v1/dev/rpc/bob/response", MqttQualityOfServiceLevel.AtLeastOnce, TestContext.Current.CancellationToken);
        await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic("edgecam/v1/dev/rpc/bob/request").WithPayload(_forge.Request("""{"id":7}"""))
            .WithResponseTopic("edgecam/v1/dev/rpc/bob/response").WithCorrelationData([4, 2]).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), TestContext.Current.CancellationToken);
        await Wait.UntilAsync(() =>
        {
            lock (received)
                return received.Count == 1;
        }, "the answer");

        Assert.Equal("""bob: {"id":7}""", Encoding.UTF8.GetString(received[0].Payload));
        Assert.Equal([4, 2], received[0].CorrelationData);
        await stop.CancelAsync();
        await running;
    }

    private string Ending(int seconds) => _forge.Token(change: claims => claims["exp"] = _forge.Now + seconds);

    private async Task<TestClient> ConnectAsync(string client, string token, bool isAnew = true)
    {
        var connected = new TestClient();
        Assert.Equal(MqttClientConnectResultCode.Success, await connected.TryConnectAsync(TestClient.Options(_broker.Port, client).WithCleanStart(isAnew).WithCredentials("token", token)));
        return connected;
    }
}
