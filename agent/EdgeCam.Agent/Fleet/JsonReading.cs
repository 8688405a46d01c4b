using System.Text.Json;

namespace EdgeCam.Agent.Fleet;

/// <summary>Members of what devices said, as far as they are there and of the right kind.</summary>
internal static class JsonReading
{
    private const int MaxDepth = 32;

    /// <summary>Null where it is no JSON object.</summary>
    public static JsonElement? TryParse(ReadOnlyMemory<byte> text)
    {
        try
        {
            var json = JsonElement.Parse(text.Span, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return json.ValueKind == JsonValueKind.Object ? json : null;
        }
        catch (Exception malformed) when (malformed is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Null where it is not there, or is null.</summary>
    public static JsonElement? Member(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;

    public static string? Text(this JsonElement json, string name) => json.Member(name) is { } value ? TextOf(value) : null;

    public static double? Number(this JsonElement json, string name) =>
        json.Member(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;

    public static long? Integer(this JsonElement json, string name) => json.Member(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;

    public static bool? Flag(this JsonElement json, string name) => json.Member(name)?.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    public static IEnumerable<JsonElement> List(this JsonElement json, string name) => json.Member(name) is { ValueKind: JsonValueKind.Array } value ? value.EnumerateArray() : [];

    /// <summary>The texts of a list.</summary>
    public static IEnumerable<string> Texts(this JsonElement json, string name) => json.List(name).Select(TextOf).OfType<string>();

    private static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // half a surrogate pair
        }
    }
}
