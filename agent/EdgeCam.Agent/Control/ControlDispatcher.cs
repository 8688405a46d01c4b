using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Control;

/// <summary>
/// JSON-RPC 2.0 over whatever carries messages: the data channels <c>control</c> and <c>control-fast</c> (protocol <c>edgecam.control.v1</c>)
/// and MQTT. It reads hostile bytes, keeps nothing between messages and may be called from any thread.
/// </summary>
/// <remarks>Left out: requests from the device to the viewer; it sends notifications only.</remarks>
internal sealed class ControlDispatcher(ControlMethods methods, TimeProvider time, DropCounters drops, ILogger<ControlDispatcher> log)
{
    public const string Channel = "control";
    public const string FastChannel = "control-fast";
    public const string Protocol = "edgecam.control.v1";
    public const int MaxMessage = 64 * 1024;
    public const int MaxBatch = 32;
    private const int MaxDepth = 16;

    /// <summary>Never throws. All methods of the message have begun when it returns.</summary>
    /// <returns>The response, or null where none is due: notifications are not answered.</returns>
    public ValueTask<byte[]?> HandleAsync(ReadOnlySpan<byte> message, ControlCaller caller) => HandleAsync(message, caller, out _);

    /// <inheritdoc cref="HandleAsync(ReadOnlySpan{byte}, ControlCaller)"/>
    /// <param name="requests">How many the message holds: more than one in a batch.</param>
    public ValueTask<byte[]?> HandleAsync(ReadOnlySpan<byte> message, ControlCaller caller, out int requests)
    {
        requests = 1;
        if (message.Length > MaxMessage)
            return Alone(ControlError.NotRequest with { Message = $"Invalid Request: a message may have {MaxMessage} bytes" }, DropReason.Oversized);

        if (!Utf8.IsValid(message))
            return Alone(ControlError.NotJson, DropReason.Malformed); // the reader would let it pass until someone reads the string

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

        if (root.ValueKind != JsonValueKind.Array)
            return FinishAsync(Begin(root, caller));
        if (root.GetArrayLength() is 0 or > MaxBatch) // §6: an empty batch is no batch
            return Alone(ControlError.NotRequest with { Message = $"Invalid Request: a batch has 1 to {MaxBatch} requests" }, DropReason.Malformed);
        var begun = new List<RequestUnderWay>(requests = root.GetArrayLength());
        foreach (var request in root.EnumerateArray())
            begun.Add(Begin(request, caller));
        return FinishAsync(begun);
    }

    /// <summary>For whoever refuses a message unread.</summary>
    public static byte[] Refusal(ControlError error) => Written(default, error);

    private static async ValueTask<byte[]?> FinishAsync(RequestUnderWay request)
    {
        var error = await request.Error;
        return request.IsAnswered ? Written(request, error) : null;
    }

    private static async ValueTask<byte[]?> FinishAsync(List<RequestUnderWay> requests)
    {
        var response = new ArrayBufferWriter<byte>();
        await using var writer = new Utf8JsonWriter(response);
        writer.WriteStartArray();
        var isAnswered = false;
        foreach (var request in requests)
        {
            var error = await request.Error;
            if (!request.IsAnswered)
                continue;
            isAnswered = true;
            Write(writer, request, error);
        }

        writer.WriteEndArray();
        await writer.FlushAsync();
        return isAnswered ? response.WrittenSpan.ToArray() : null;
    }

    private RequestUnderWay Begin(JsonElement request, ControlCaller caller)
    {
        if (!TryReadRequest(request, out var id, out var method, out var parameters))
        {
            drops.Count(Stage.Control, DropReason.Malformed);
            return new(id, IsAnswered: true, null, ValueTask.FromResult<ControlError?>(ControlError.NotRequest));
        }

        var result = new ArrayBufferWriter<byte>();
        return new(id, id.ValueKind != JsonValueKind.Undefined, result, CallAsync(method, parameters, caller, result)); // §4.1: a notification has not even an error
    }

    private async ValueTask<ControlError?> CallAsync(string name, JsonElement parameters, ControlCaller caller, ArrayBufferWriter<byte> result)
    {
        if (Refuse(name, caller) is { } refusal)
            return refusal;
        var method = methods.Find(name)!;
        if (!ControlArguments.TryRead(method.Parameters, parameters, out var arguments, out var mistake))
            return ControlError.BadParameters(mistake);
        try
        {
            await using var writer = new Utf8JsonWriter(result);
            var error = await method.Handler(new(arguments, caller, writer));
            if (error is null)
                await writer.FlushAsync();
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

    private ControlError? Refuse(string name, ControlCaller caller)
    {
        if (methods.Find(name) is not { } method)
        {
            drops.Count(Stage.Control, DropReason.Unsupported);
            return ControlError.NoSuchMethod;
        }

        if (caller.Origin == CallerOrigin.ControlFast && !method.IsFast)
        {
            drops.Count(Stage.Control, DropReason.Unsupported);
            return ControlError.NotFast;
        }

        var isExpired = caller.Access.Expires?.IsOver(time) == true && name != "session.renew";
        if (!isExpired && caller.Access.Allows(method.Scope))
            return null;
        drops.Count(Stage.Control, DropReason.Forbidden);
        return isExpired ? ControlError.Expired : ControlError.Forbidden(method.Scope);
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

    private ValueTask<byte[]?> Alone(ControlError error, DropReason reason)
    {
        drops.Count(Stage.Control, reason);
        return ValueTask.FromResult<byte[]?>(Refusal(error));
    }

    private static byte[] Written(RequestUnderWay request, ControlError? error)
    {
        var response = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(response);
        Write(writer, request, error);
        writer.Flush();
        return response.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, RequestUnderWay request, ControlError? error)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        writer.WritePropertyName("id");
        if (request.Id.ValueKind == JsonValueKind.Undefined)
            writer.WriteNullValue(); // §5: where the id could not be read
        else
            request.Id.WriteTo(writer);
        if (error is not null)
        {
            writer.WritePropertyName("error");
            JsonSerializer.Serialize(writer, ErrorObject.From(error), ControlJson.Default.ErrorObject);
        }
        else
        {
            writer.WritePropertyName("result");
            if (request.Result is not { WrittenCount: > 0 } result)
                writer.WriteNullValue();
            else
                writer.WriteRawValue(result.WrittenSpan);
        }

        writer.WriteEndObject();
    }

    /// <param name="IsAnswered">False for a notification.</param>
    private readonly record struct RequestUnderWay(JsonElement Id, bool IsAnswered, ArrayBufferWriter<byte>? Result, ValueTask<ControlError?> Error);
}
