using System.Text.Json;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>What a simulated device says to viewers: it greets them, and has no picture for them.</summary>
internal sealed class AgentSessions(AgentProfile profile, AgentReports reports, TimeProvider time)
{
    private long _sequence;

    /// <returns>Null where no answer is due.</returns>
    public byte[]? Answer(byte[] payload, string version, bool isLive)
    {
        JsonElement message;
        try
        {
            message = JsonElement.Parse(payload);
        }
        catch (JsonException)
        {
            return Error(null, 400, "the message is not JSON, or a member has the wrong type");
        }

        var sequence = message.ValueKind == JsonValueKind.Object && message.TryGetProperty("seq", out var seq) && seq.ValueKind == JsonValueKind.Number && seq.TryGetInt64(out var number) ? number : (long?)null;
        return Json.Text(message, "type") switch
        {
            "hello" => Welcome(version, isLive),
            "offer" => Error(sequence, 480, "this is a simulated device of a fleet: it has no picture"),
            "candidate" or "bye" => null,
            _ => Error(null, 400, "type must be hello, offer, candidate or bye"),
        };
    }

    private byte[] Welcome(string version, bool isLive) => Json.Bytes(json =>
    {
        Begin(json, "welcome");
        json.WriteString("device", profile.Id);
        json.WriteString("name", profile.Name);
        json.WriteString("version", version);
        json.WriteNumber("time", time.GetUtcNow().ToUnixTimeSeconds());
        json.WriteString("access", "tokens");
        reports.WriteCameras(json, isLive);
        json.WriteStartArray("capabilities");
        foreach (var capability in (ReadOnlySpan<string>)["h264", "trickle", "edgecam.control.v1"])
            json.WriteStringValue(capability);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private byte[] Error(long? re, int code, string message) => Json.Bytes(json =>
    {
        Begin(json, "error");
        if (re is { } offer)
            json.WriteNumber("re", offer);
        json.WriteNumber("code", code);
        json.WriteString("message", message);
        json.WriteEndObject();
    });

    private void Begin(Utf8JsonWriter json, string type)
    {
        json.WriteStartObject();
        json.WriteNumber("v", 1);
        json.WriteString("type", type);
        json.WriteNumber("seq", ++_sequence);
    }
}
