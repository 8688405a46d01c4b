using System.Buffers;
using System.Text.Json;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Control;

/// <summary>
/// JSON-RPC 2.0 over whatever carries messages: the data channel <c>control</c> (protocol <c>edgecam.control.v1</c>) now, MQTT later. It
/// reads hostile bytes, keeps nothing between messages and may be called from any thread.
/// </summary>
/// <remarks>Left out: requests from the device to the viewer; it sends notifications only (<see cref="SessionMethods"/>).</remarks>
internal sealed class ControlDispatcher(IReadOnlyDictionary<string, ControlMethod> methods, DropCounters drops, ILogger<ControlDispatcher> log)
{
    public const string Channel = "control";
    public const string Protocol = "edgecam.control.v1";
    public const int MaxMessage = 64 * 1024;
    public const int MaxBatch = 32;
    private const int MaxDepth = 16;

    /// <returns>The response, or null where none is due: notifications are not answered.</returns>
    public byte[]? Handle(ReadOnlySpan<byte> message, ControlCaller caller)
    {
        if (message.Length > MaxMessage)
            return Alone(ControlError.NotRequest with { Message = $"Invalid Request: a message may have {MaxMessage} bytes" }, DropReason.Oversized);

        JsonElement root;
        try
        {
            var options = new JsonReaderOptions { MaxDepth = MaxDepth };
            for (var text = new Utf8JsonReader(message, options); text.Read();)
            {
                if (text.ValueIsEscaped)
                    _ = text.GetString(); // half a surrogate pair would be found only when someone reads the string (RFC 8259 §8.2)
            }

            var reader = new Utf8JsonReader(message, options);
            root = JsonElement.ParseValue(ref reader);
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException)
        {
            return Alone(ControlError.NotJson, DropReason.Malformed);
        }

        var response = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(response);
        if (root.ValueKind != JsonValueKind.Array)
        {
            HandleRequest(root, caller, writer);
            writer.Flush();
            return response.WrittenCount == 0 ? null : response.WrittenSpan.ToArray();
        }

        if (root.GetArrayLength() is 0 or > MaxBatch) // §6: an empty batch is no batch
            return Alone(ControlError.NotRequest with { Message = $"Invalid Request: a batch has 1 to {MaxBatch} requests" }, DropReason.Malformed);
        writer.WriteStartArray();
        var answered = false;
        foreach (var request in root.EnumerateArray())
            answered |= HandleRequest(request, caller, writer);
        writer.WriteEndArray();
        writer.Flush();
        return answered ? response.WrittenSpan.ToArray() : null;
    }

    /// <returns>True where a response was written.</returns>
    private bool HandleRequest(JsonElement request, ControlCaller caller, Utf8JsonWriter writer)
    {
        if (!TryReadRequest(request, out var id, out var method, out var parameters))
        {
            drops.Count(Stage.Control, DropReason.Malformed);
            WriteError(writer, id, ControlError.NotRequest);
            return true;
        }

        var result = new ArrayBufferWriter<byte>();
        var error = Call(method, parameters, caller, result);
        if (id.ValueKind == JsonValueKind.Undefined)
            return false; // §4.1: not even an error
        if (error is not null)
            WriteError(writer, id, error);
        else
            WriteResult(writer, id, result.WrittenSpan);
        return true;
    }

    private ControlError? Call(string name, JsonElement parameters, ControlCaller caller, ArrayBufferWriter<byte> result)
    {
        if (!methods.TryGetValue(name, out var method))
        {
            drops.Count(Stage.Control, DropReason.Unsupported);
            return ControlError.NoSuchMethod;
        }

        try
        {
            using var writer = new Utf8JsonWriter(result);
            var error = method(parameters, caller, writer);
            if (error is null)
                writer.Flush();
            else
                writer.Reset();
            return error;
        }
#pragma warning disable CA1031 // our own bug costs this request, never the viewer
        catch (Exception bug)
#pragma warning restore CA1031
        {
            log.MethodFaulted(name, bug);
            drops.Count(Stage.Control, DropReason.Fault);
            return ControlError.Fault;
        }
    }

    private static bool TryReadRequest(JsonElement request, out JsonElement id, out string method, out JsonElement parameters)
    {
        (id, method, parameters) = (default, "", default);
        if (request.ValueKind != JsonValueKind.Object)
            return false;
        if (request.TryGetProperty("id", out var named))
        {
            if (named.ValueKind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Null))
                return false;
            id = named;
        }

        if (!request.TryGetProperty("jsonrpc", out var version) || version.ValueKind != JsonValueKind.String || !version.ValueEquals("2.0"u8)
            || !request.TryGetProperty("method", out var name) || name.ValueKind != JsonValueKind.String)
            return false;
        if (request.TryGetProperty("params", out parameters) && parameters.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array))
            return false;

        method = name.GetString()!;
        return true;
    }

    private byte[] Alone(ControlError error, DropReason reason)
    {
        drops.Count(Stage.Control, reason);
        var response = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(response);
        WriteError(writer, default, error);
        writer.Flush();
        return response.WrittenSpan.ToArray();
    }

    private static void WriteError(Utf8JsonWriter writer, JsonElement id, ControlError error)
    {
        WriteStart(writer, id);
        writer.WriteStartObject("error");
        writer.WriteNumber("code", error.Code);
        writer.WriteString("message", error.Message);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter writer, JsonElement id, ReadOnlySpan<byte> result)
    {
        WriteStart(writer, id);
        writer.WritePropertyName("result");
        if (result.IsEmpty)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(result);
        writer.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter writer, JsonElement id)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        writer.WritePropertyName("id");
        if (id.ValueKind == JsonValueKind.Undefined)
            writer.WriteNullValue(); // §5: where the id could not be read
        else
            id.WriteTo(writer);
    }
}
