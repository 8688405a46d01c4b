using System.Text.Json;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>JSON-RPC 2.0 as a simulated device answers it, single requests and batches.</summary>
internal static class AgentRpc
{
    public static readonly IReadOnlyList<string> Methods =
        ["device.info", "device.health", "device.restart", "config.get", "config.set", "log.tail", "update.check", "update.install", "update.cancel"];

    private const int Forbidden = -32001;

    /// <returns>Null where no answer is due.</returns>
    public static byte[]? Answer(byte[] payload, string client, SimulatedAgent agent)
    {
        var (request, refusal) = RequestEnvelope.Open(payload, agent.Id, agent.Time);
        if (refusal is not null)
            return Answered(default, null, new(Forbidden, $"Forbidden: {refusal}"));
        if (request.ValueKind != JsonValueKind.Array)
            return Single(request, client, agent);
        var answers = request.EnumerateArray().Take(16).Select(one => Single(one, client, agent)).OfType<byte[]>().ToList();
        if (answers.Count == 0)
            return null;
        return Json.Bytes(json =>
        {
            json.WriteStartArray();
            foreach (var answer in answers)
                json.WriteRawValue(answer);
            json.WriteEndArray();
        });
    }

    private static byte[]? Single(JsonElement request, string client, SimulatedAgent agent)
    {
        var id = request.ValueKind == JsonValueKind.Object && request.TryGetProperty("id", out var named) ? named : default;
        if (Json.Text(request, "jsonrpc") != "2.0" || Json.Text(request, "method") is not { } method)
            return Answered(id, null, RpcError.NotRequest);
        RpcError? error = null;
        var parameters = request.TryGetProperty("params", out var given) ? given : default;
        var result = Json.Bytes(json =>
        {
            error = agent.Call(method, parameters, client, json);
            if (error is null)
                return;
            json.Reset();
            json.WriteNullValue();
        });
        return id.ValueKind == JsonValueKind.Undefined ? null : Answered(id, result, error); // §4.1: a notification has no answer
    }

    private static byte[] Answered(JsonElement id, byte[]? result, RpcError? error) => Json.Bytes(json =>
    {
        json.WriteStartObject();
        json.WriteString("jsonrpc", "2.0");
        json.WritePropertyName("id");
        if (id.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            id.WriteTo(json);
        else
            json.WriteNullValue();
        json.WritePropertyName(error is null ? "result" : "error");
        if (error is null)
            json.WriteRawValue(result);
        else
            error.Write(json);
        json.WriteEndObject();
    });
}
