using System.Text.Json;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>A JSON-RPC 2.0 error (§5.1) with the device's codes.</summary>
internal sealed record RpcError(int Code, string Message, string? Remedy = null, long? ExpiresIn = null, string? Revision = null, IReadOnlyList<(string Key, string Problem, string Remedy)>? Mistakes = null)
{
    public static readonly RpcError NotJson = new(-32700, "Parse error");
    public static readonly RpcError NotRequest = new(-32600, "Invalid Request");
    public static readonly RpcError NoSuchMethod = new(-32601, "Method not found", $"A simulated device has: {string.Join(", ", AgentRpc.Methods)}");

    public static RpcError BadParameters(string why) => new(-32602, $"Invalid params: {why}");

    /// <summary>An update that is not taken.</summary>
    public static RpcError Refused(string reason, string what, string remedy) => new(-32020, $"Refused ({reason}): {what}", remedy);

    public static RpcError Invalid(IReadOnlyList<(string Key, string Problem, string Remedy)> mistakes) =>
        BadParameters(mistakes.Count == 1 ? "1 mistake" : $"{mistakes.Count} mistakes") with { Mistakes = mistakes };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("code", Code);
        json.WriteString("message", Message);
        if ((Remedy ?? Revision) is not null || Mistakes is not null)
        {
            json.WriteStartObject("data");
            if (Remedy is not null)
                json.WriteString("remedy", Remedy);
            if (ExpiresIn is { } left)
                json.WriteNumber("expiresIn", left);
            if (Revision is not null)
                json.WriteString("revision", Revision);
            if (Mistakes is not null)
                WriteMistakes(json, Mistakes);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteMistakes(Utf8JsonWriter json, IReadOnlyList<(string Key, string Problem, string Remedy)> mistakes)
    {
        json.WriteStartArray("mistakes");
        foreach (var (key, problem, remedy) in mistakes)
        {
            json.WriteStartObject();
            json.WriteString("key", key);
            json.WriteString("problem", problem);
            json.WriteString("remedy", remedy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
