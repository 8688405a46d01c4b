using System.Text.Json;

namespace EdgeCam.Sims.Fleet.Model;

/// <summary>The newest lines of a device's log, 32 of them.</summary>
internal sealed class AgentLog(TimeProvider time)
{
    private const int Kept = 32;
    private const int UsualLines = 100;

    private readonly Queue<Line> _lines = new();
    private long _number;

    public void Add(string level, string category, string text)
    {
        if (_lines.Count == Kept)
            _lines.Dequeue();
        _lines.Enqueue(new(++_number, time.GetUtcNow().ToUnixTimeMilliseconds(), level, category, text));
    }

    /// <summary>A new run of the agent counts from 1 again.</summary>
    public void Clear()
    {
        _lines.Clear();
        _number = 0;
    }

    /// <summary>The result of <c>log.tail</c>: at most <c>lines</c> of them, those after <c>since</c>.</summary>
    public void Write(Utf8JsonWriter json, JsonElement parameters)
    {
        var since = Number(parameters, "since") ?? 0;
        if (since > _number)
            since = 0;
        var found = _lines.Where(line => line.Number > since).TakeLast((int)Math.Clamp(Number(parameters, "lines") ?? UsualLines, 1, 500)).ToList();
        json.WriteStartObject();
        json.WriteStartArray("lines");
        foreach (var line in found)
        {
            json.WriteStartObject();
            json.WriteNumber("n", line.Number);
            json.WriteNumber("at", line.At);
            json.WriteString("level", line.Level);
            json.WriteString("category", $"EdgeCam.Agent.{line.Category}");
            json.WriteString("text", line.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteBoolean("cut", false);
        json.WriteNumber("next", _number);
        json.WriteEndObject();
    }

    private static long? Number(JsonElement parameters, string name) =>
        parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private sealed record Line(long Number, long At, string Level, string Category, string Text);
}
