using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Mqtt;

namespace EdgeCam.Agent.Fleet;

/// <summary>Asks devices by <c>rpc</c>, as many at once as the caller likes.</summary>
internal sealed class DeviceCalls(FleetConnection connection, FleetSettings settings, TimeProvider time)
{
    private readonly PendingCalls _pending = new(settings.Token?.IsBound == true);

    /// <summary>To be called before the first request.</summary>
    /// <param name="device">The only one that will be asked, or <c>+</c>.</param>
    public Task BeginAsync(string device, CancellationToken stop) => connection.SubscribeAsync(settings.Topic(device, $"rpc/{settings.Client}/response"), Receive, stop: stop);

    /// <summary>Asks, and waits for the answer for as long as the settings say. The request is signed at this moment, and good for half a minute at the device.</summary>
    /// <param name="parameters">An object; null: none.</param>
    /// <exception cref="FleetException">The broker does not take the request.</exception>
    public async Task<CallAnswer> CallAsync(string device, string method, JsonNode? parameters, CancellationToken stop)
    {
        var (id, answer) = _pending.Add(device);
        try
        {
            var request = Request(id, method, parameters);
            var payload = settings.Token?.Request(request, device, time.GetUtcNow()) ?? request;
            if (payload.Length > MqttConnection.MaxPayload)
                return CallAnswer.Failed(new(0, $"the request has {payload.Length} bytes, and a device takes {MqttConnection.MaxPayload}", "Ask for less at once"));
            using var limit = new CancellationTokenSource(settings.Patience, time);
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
            // The broker keeps it for a device that is away no longer than its answer is waited for.
            await connection.PublishAsync(
                settings.Topic(device, $"rpc/{settings.Client}/request"), payload, false, settings.Topic(device, $"rpc/{settings.Client}/response"),
                System.Text.Encoding.ASCII.GetBytes(id), TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(settings.Patience.TotalSeconds))), timeout.Token);
            return await answer.WaitAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return CallAnswer.Failed(CallError.Silent(settings.Patience));
        }
        finally
        {
            _pending.Remove(id);
        }
    }

    private void Receive(MqttMessage message)
    {
        if (!message.Retained && settings.DeviceOf(message.Topic) is { } device)
            _pending.Receive(device, message.Payload, message.CorrelationData);
    }

    private static byte[] Request(string id, string method, JsonNode? parameters)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(bytes);
        json.WriteStartObject();
        json.WriteString("jsonrpc", "2.0");
        json.WriteString("id", id);
        json.WriteString("method", method);
        if (parameters is not null)
        {
            json.WritePropertyName("params");
            parameters.WriteTo(json);
        }

        json.WriteEndObject();
        json.Flush();
        return bytes.WrittenSpan.ToArray();
    }
}
