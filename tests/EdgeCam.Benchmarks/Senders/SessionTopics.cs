using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.Benchmarks.Load;
using MQTTnet;

namespace EdgeCam.Benchmarks.Senders;

/// <summary>Offers over a mosquitto of its own, as the viewer's page makes them.</summary>
internal sealed class SessionTopics : IDisposable
{
    public const string Device = "bench";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly Process _broker;
    private readonly string _folder;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<JsonNode>> _waiting = new();
    private int _sessions;

    private SessionTopics(Process broker, string folder, int port) => (_broker, _folder, Port) = (broker, folder, port);

    public int Port { get; }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"mqtt://127.0.0.1:{Port}");

    public static async Task<SessionTopics> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("edgecam-bench-broker-").FullName;
        var port = FreePort.Tcp();
        var configuration = Path.Combine(folder, "mosquitto.conf");
        await File.WriteAllTextAsync(configuration, string.Create(CultureInfo.InvariantCulture, $"user root\nset_tcp_nodelay true\nlistener {port} 127.0.0.1\nallow_anonymous true\npersistence false\nlog_dest none\n"));
        var broker = Process.Start(new ProcessStartInfo("/usr/sbin/mosquitto", ["-c", configuration]) { RedirectStandardError = true })!;
        var topics = new SessionTopics(broker, folder, port);
        topics._client.ApplicationMessageReceivedAsync += topics.HandleAsync;
        for (var end = DateTime.UtcNow + s_limit; ; await Task.Delay(20))
        {
            try
            {
                await topics._client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithClientId("load").Build());
                await topics._client.SubscribeAsync($"edgecam/v1/{Device}/session/+/+/to-viewer");
                return topics;
            }
            catch (MQTTnet.Exceptions.MqttCommunicationException) when (DateTime.UtcNow < end)
            {
                // It does not listen yet.
            }
        }
    }

    public async Task<Func<Task>> JoinAsync(LoadLoop loop, LoadViewer viewer)
    {
        var session = string.Create(CultureInfo.InvariantCulture, $"session-{Interlocked.Increment(ref _sessions):D6}");
        var answered = _waiting[session] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var offer = new JsonObject { ["v"] = 1, ["type"] = "offer", ["seq"] = 1, ["sdp"] = loop.Ask(() => viewer.Offer) };
        viewer.OfferedAt = Stopwatch.GetTimestamp();
        await SendAsync(session, offer);
        var answer = await answered.Task.WaitAsync(s_limit);
        loop.HandleAnswer(viewer, answer["sdp"]?.GetValue<string>() ?? throw new InvalidOperationException($"No answer, but {answer.ToJsonString()}"));
        return () => SendAsync(session, new() { ["v"] = 1, ["type"] = "bye", ["seq"] = 2, ["reason"] = "done" });
    }

    public void Dispose()
    {
        _client.Dispose();
        _broker.Kill();
        _broker.WaitForExit();
        _broker.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<MqttClientPublishResult> SendAsync(string session, JsonObject message) => _client.PublishAsync(new MqttApplicationMessageBuilder()
        .WithTopic($"edgecam/v1/{Device}/session/{session}/{session}/to-device") // each viewer is a client of its own, for whom messages are bounded
        .WithQualityOfServiceLevel(MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce)
        .WithPayload(message.ToJsonString()).Build());

    private Task HandleAsync(MqttApplicationMessageReceivedEventArgs received)
    {
        var session = received.ApplicationMessage.Topic.Split('/')[^2];
        var message = JsonNode.Parse(received.ApplicationMessage.ConvertPayloadToString())!;
        if (message["type"]!.GetValue<string>() is "answer" or "error" && _waiting.TryRemove(session, out var waiting))
            waiting.TrySetResult(message);
        return Task.CompletedTask;
    }
}
