using System.Text.Json;

namespace EdgeCam.Agent.Control;

/// <summary>A parameter of a method: what <c>device.methods</c> says of it is what is checked.</summary>
/// <param name="Minimum">Of a number; for a text the least length.</param>
/// <param name="Maximum">Of a number; for a text the greatest length, for a list of texts the most of them.</param>
/// <param name="Unit">As in <c>ms</c>; null where it has none.</param>
/// <param name="Values">The only texts there are; null: any.</param>
internal sealed record ControlParameter(
    string Name, ParameterKind Kind, string Description, bool IsRequired = false, double? Minimum = null, double? Maximum = null, string? Unit = null, IReadOnlyList<string>? Values = null)
{
    private const int LongestText = 128;

    /// <summary>What is wrong with a value, in words; null where nothing is.</summary>
    public string? FindMistake(JsonElement value) => Kind switch
    {
        ParameterKind.Flag => value.ValueKind is JsonValueKind.True or JsonValueKind.False ? null : $"{Name} is true or false",
        ParameterKind.Number or ParameterKind.Integer => FindNumberMistake(value),
        ParameterKind.Text => FindTextMistake(value),
        ParameterKind.Section => value.ValueKind == JsonValueKind.Object ? null : $"{Name} is an object",
        _ => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= (Maximum ?? LongestText) && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? null
            : $"{Name} is a list of texts, at most {Maximum ?? LongestText}",
    };

    /// <summary>Writes it as a JSON Schema (2020-12).</summary>
    public void WriteSchema(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("type", Kind switch
        {
            ParameterKind.Number => "number",
            ParameterKind.Integer => "integer",
            ParameterKind.Text => "string",
            ParameterKind.Flag => "boolean",
            ParameterKind.Section => "object",
            _ => "array",
        });
        writer.WriteString("description", Description);
        if (Kind == ParameterKind.TextList)
        {
            writer.WriteStartObject("items");
            writer.WriteString("type", "string");
            writer.WriteEndObject();
            writer.WriteNumber("maxItems", Maximum ?? LongestText);
        }
        else if (Kind == ParameterKind.Text && Values is not null)
        {
            writer.WriteStartArray("enum");
            foreach (var text in Values)
                writer.WriteStringValue(text);
            writer.WriteEndArray();
        }
        else if (Kind == ParameterKind.Text)
        {
            writer.WriteNumber("minLength", Minimum ?? 0);
            writer.WriteNumber("maxLength", Maximum ?? LongestText);
        }
        else
        {
            if (Minimum is { } minimum)
                writer.WriteNumber("minimum", minimum);
            if (Maximum is { } maximum)
                writer.WriteNumber("maximum", maximum);
        }

        if (Unit is not null)
            writer.WriteString("unit", Unit);
        writer.WriteEndObject();
    }

    private string? FindNumberMistake(JsonElement value)
    {
        var what = Kind == ParameterKind.Integer ? "a whole number" : "a number";
        var unit = Unit is null ? "" : $" ({Unit})";
        var range = (Minimum, Maximum) switch
        {
            ({ } least, { } most) => $"{Name} is {what} from {Plain(least)} to {Plain(most)}{unit}",
            ({ } least, null) => $"{Name} is {what} from {Plain(least)} on{unit}",
            _ => $"{Name} is {what}{unit}",
        };
        // 1e999 is JSON, and no number that anything could be done with.
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out var number) || !double.IsFinite(number))
            return range;
        if (Kind == ParameterKind.Integer && !value.TryGetInt64(out _))
            return range;
        return number < Minimum || number > Maximum ? range : null;
    }

    private string? FindTextMistake(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return $"{Name} is a text";
        var text = value.GetString()!;
        if (Values is not null)
            return Values.Contains(text) ? null : $"{Name} is one of {string.Join(", ", Values)}";
        return text.Length >= (Minimum ?? 0) && text.Length <= (Maximum ?? LongestText) ? null : $"{Name} is a text of {Minimum ?? 0} to {Maximum ?? LongestText} characters";
    }

    private static string Plain(double number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
