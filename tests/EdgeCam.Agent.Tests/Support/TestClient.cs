using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>A viewer, an operator or an intruder at a broker: MQTTnet's client, which keeps what it receives.</summary>
internal sealed class TestClient : IAsyncDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();

    public ConcurrentQueue<(string Topic, string Text, bool Retained)> Received { get; } = new();

    public bool IsConnected => _client.IsConnected;

    public static MqttClientOptionsBuilder Options(int port, string clientId, MqttProtocolVersion version = MqttProtocolVersion.V500) =>
        new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId(clientId).WithProtocolVersion(version).WithTimeout(TimeSpan.FromSeconds(5))
            .WithKeepAlivePeriod(TimeSpan.FromMinutes(10)); // where a test moves the broker's time, the client would be found silent

    public static async Task<TestClient> ConnectAsync(int port, string clientId)
    {
        var client = new TestClient();
        Assert.Equal(MqttClientConnectResultCode.Success, await client.TryConnectAsync(Options(port, clientId)));
        return client;
    }

    public async Task<MqttClientConnectResultCode> TryConnectAsync(MqttClientOptionsBuilder options)
    {
        _client.ApplicationMessageReceivedAsync += received =>
        {
            var message = received.ApplicationMessage;
            Received.Enqueue((message.Topic, Encoding.UTF8.GetString(message.Payload.ToArray()), message.Retain));
            return Task.CompletedTask;
        };
        return (await _client.ConnectAsync(options.Build())).ResultCode;
    }

    public async Task<MqttClientSubscribeResultCode> SubscribeAsync(string filter)
    {
        var options = new MqttClientSubscribeOptions();
        options.TopicFilters.Add(new MqttTopicFilter { Topic = filter, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce });
        return (await _client.SubscribeAsync(options)).Items.Single().ResultCode;
    }

    public Task<MqttClientPublishResult> PublishAsync(string topic, string text, bool retain = false) => PublishAsync(topic, Encoding.UTF8.GetBytes(text), retain);

    public async Task<MqttClientPublishResult> PublishAsync(string topic, byte[] payload, bool retain = false) =>
        await _client.PublishAsync(new MqttApplicationMessage
        {
            Topic = topic,
            Payload = new ReadOnlySequence<byte>(payload),
            Retain = retain,
            QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
        });

    /// <summary>Closes the socket without a DISCONNECT, so that the will is published.</summary>
    public void Drop() => _client.Dispose();

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
