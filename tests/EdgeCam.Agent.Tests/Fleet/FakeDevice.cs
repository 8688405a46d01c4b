using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using MQTTnet;
using MQTTnet.Packets;
using MQTTnet.Protocol;

namespace EdgeCam.Agent.Tests.Fleet;

/// <summary>A device at a broker as an operator sees it: a retained status, and answers to requests that the test gives.</summary>
internal sealed class FakeDevice : IAsyncDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly string _name;
    private readonly Func<FakeDevice, string, JsonObject, JsonObject?> _answer;

    private FakeDevice(string name, Func<FakeDevice, string, JsonObject, JsonObject?> answer) => (_name, _answer) = (name, answer);

    /// <summary>Methods that were called, in their order.</summary>
    public ConcurrentQueue<string> Called { get; } = new();

    /// <param name="answer">Takes method and params; gives members of the response (result, or error and perhaps id), or null: none comes.</param>
    public static async Task<FakeDevice> StartAsync(int port, string name, Func<FakeDevice, string, JsonObject, JsonObject?> answer)
    {
        var device = new FakeDevice(name, answer);
        device._client.ApplicationMessageReceivedAsync += device.HandleAsync;
        await device._client.ConnectAsync(TestClient.Options(port, name).Build());
        var options = new MqttClientSubscribeOptions();
        options.TopicFilters.Add(new MqttTopicFilter { Topic = $"edgecam/v1/{name}/rpc/+/request", QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce });
        await device._client.SubscribeAsync(options);
        await device.SayAsync("status", Status(name, isOnline: true), isRetained: true);
        return device;
    }

    public static string Status(string name, bool isOnline) =>
        $$"""{"v":1,"online":{{(isOnline ? "true" : "false")}},"bootId":"1","name":"{{name}}","version":"1.0.0","cameras":[{"name":"cam0","state":"live"}],"viewers":1}""";

    public Task SayAsync(string below, string text, bool isRetained = false) => PublishAsync($"edgecam/v1/{_name}/{below}", text, isRetained, null);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task HandleAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        var message = received.ApplicationMessage;
        var request = JsonNode.Parse(Encoding.UTF8.GetString(message.Payload.ToArray()))!.AsObject();
        var method = request["method"]!.GetValue<string>();
        Called.Enqueue(method);
        if (_answer(this, method, request["params"]?.AsObject() ?? []) is not { } response)
            return;
        response["jsonrpc"] = "2.0";
        response.TryAdd("id", request["id"]!.DeepClone());
        // MQTT 3.1.1 has neither of the two.
        await PublishAsync(message.ResponseTopic ?? message.Topic.Replace("/request", "/response", StringComparison.Ordinal), response.ToJsonString(), false, message.CorrelationData);
    }

    private async Task PublishAsync(string topic, string text, bool isRetained, byte[]? correlation) => await _client.PublishAsync(new MqttApplicationMessage
    {
        Topic = topic, Payload = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(text)), Retain = isRetained, CorrelationData = correlation, QualityOfServiceLevel = MqttQualityOfServiceLevel.AtLeastOnce,
    });
}
