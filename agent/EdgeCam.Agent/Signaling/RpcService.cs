using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Signaling;

/// <summary>
/// Requests of operators by MQTT, and the answers back. One loop looks at them in their order; what a request does may take longer than that.
/// A message that is retained, oversized, sent twice or not allowed never gets as far as the methods.
/// </summary>
/// <param name="handle">Takes the request, the client's name at the broker and what it may do; never throws, and gives null where no answer is due.</param>
/// <param name="send">Never waits.</param>
internal sealed class RpcService(
    RpcDoor door,
    Func<ReadOnlyMemory<byte>, string, AccessGrant, ValueTask<byte[]?>> handle,
    Action<string, MqttMessage, byte[]> send,
    RpcLimits limits,
    DropCounters drops,
    TimeProvider time,
    ILogger<RpcService> log,
    Progress? progress = null)
{
    private const int Forbidden = -32001; // as in ControlError
    private const int Unavailable = -32004;
    private const int TooMany = -32029;
    private const int NotRequest = -32600;
    private const int Remembered = 4096;

    private static readonly TimeSpan s_expiry = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly Channel<(string Client, MqttMessage Message)> _inbox = Channel.CreateBounded<(string, MqttMessage)>(
        new BoundedChannelOptions(limits.Queue) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite },
        _ => drops.Count(Stage.Control, DropReason.QueueFull));

    private readonly ClientLimiter _limiter = new(limits.Rates.MessagesPerSecond, limits.Rates.Burst, limits.Rates.Clients, time);
    private readonly ReplayWindow _correlations = new(time, Remembered, share: 4);
    private readonly Dictionary<Task, string> _underWay = [];

    /// <summary>Takes a message. Policy: when too many wait, the newest is dropped; an operator asks again.</summary>
    public void Receive(string client, MqttMessage message)
    {
        if (message.Retained)
            drops.Count(Stage.Control, DropReason.Retained);
        else
            _inbox.Writer.TryWrite((client, message));
    }

    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var (client, message) in _inbox.Reader.ReadAllAsync(stop))
            {
                progress?.Within(s_patience);
                Take(client, message);
                progress?.Rest(); // it may be long until the next
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }

        await Task.WhenAll(_underWay.Keys);
    }

    /// <summary>Answers where the request says, as far as it may, with what correlates them.</summary>
    public static Action<string, MqttMessage, byte[]> Sender(MqttConnection connection, MqttTopics topics) => (client, request, response) =>
        connection.Publish(topics.RpcResponseOf(client, request.ResponseTopic), response, Queueing.Answer, s_expiry, correlationData: request.CorrelationData);

    public void Connect(MqttConnection connection, MqttTopics topics) => connection.Subscribe(topics.RpcRequestFilter, message =>
    {
        if (topics.TryParseRpcRequest(message.Topic, out var client))
            Receive(client, message);
        else
            drops.Count(Stage.Control, DropReason.BadTopic);
    });

    private void Take(string client, MqttMessage message)
    {
        foreach (var done in _underWay.Keys.Where(static task => task.IsCompleted).ToList())
            _underWay.Remove(done);
        if (!_limiter.TryTake(client, 1, out var mayAnswer))
        {
            drops.Count(Stage.Control, DropReason.RateLimited);
            if (mayAnswer)
                send(client, message, Error(TooMany, "Too many requests"));
            return;
        }

        if (message.Oversized)
        {
            Refuse(client, message, DropReason.Oversized, NotRequest, $"Invalid Request: a message may have {MqttConnection.MaxPayload} bytes");
            return;
        }

        if (_underWay.Count >= limits.UnderWay || _underWay.Values.Count(other => other == client) >= limits.UnderWayPerClient)
        {
            Refuse(client, message, DropReason.TooMany, TooMany, "Too many requests are not answered yet");
            return;
        }

        // The broker may deliver a request twice (QoS 1); what correlates its answer tells them apart, where it has that.
        if (!message.CorrelationData.IsEmpty
            && _correlations.Take(client, $"{client} {Convert.ToHexString(message.CorrelationData.Span[..Math.Min(64, message.CorrelationData.Length)])}") == AccessRefusal.Replayed)
        {
            drops.Count(Stage.Control, DropReason.Duplicate);
            return;
        }

        var (request, refusal) = door.Open(client, message.Payload);
        if (request is { } open)
            Begin(client, message, open);
        else if (refusal == AccessRefusal.ClockNotSet)
            Refuse(client, message, DropReason.ClockNotSet, Unavailable, $"Unavailable: {refusal.InWords()}");
        else
            Refuse(client, message, Reason(refusal), Forbidden, $"Forbidden: {refusal.InWords()}");
    }

    private static DropReason Reason(AccessRefusal refusal) => refusal switch
    {
        AccessRefusal.Replayed => DropReason.Duplicate,
        AccessRefusal.StaleRequest => DropReason.Expired,
        _ => DropReason.Forbidden,
    };

    private void Begin(string client, MqttMessage message, RpcRequest request)
    {
        var answering = AnswerAsync(client, message, request);
        if (!answering.IsCompleted)
            _underWay[answering] = client;
    }

    private async Task AnswerAsync(string client, MqttMessage message, RpcRequest request)
    {
        try
        {
            if (await handle(request.Body, client, request.Grant) is { } response)
                send(client, message, response);
        }
#pragma warning disable CA1031 // our own bug costs this request, never the others
        catch (Exception bug)
#pragma warning restore CA1031
        {
            log.RpcFaulted(client, bug);
            drops.Count(Stage.Control, DropReason.Fault);
        }
    }

    private void Refuse(string client, MqttMessage message, DropReason reason, int code, string words)
    {
        log.RpcRefused(client, code, words);
        drops.Count(Stage.Control, reason);
        send(client, message, Error(code, words));
    }

    /// <summary>Which request it was, is not known.</summary>
    private static byte[] Error(int code, string message)
    {
        var response = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(response);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        writer.WriteNull("id");
        writer.WriteStartObject("error");
        writer.WriteNumber("code", code);
        writer.WriteString("message", message);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return response.WrittenSpan.ToArray();
    }
}
