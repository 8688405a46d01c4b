using System.Text.Json;

namespace EdgeCam.Agent.Control;

/// <summary>The parameters of one call, checked against what its method declares: by name, or by position as JSON-RPC 2.0 §4.2 allows.</summary>
internal readonly struct ControlArguments
{
    private readonly IReadOnlyList<ControlParameter> _declared;
    private readonly JsonElement _given;

    private ControlArguments(IReadOnlyList<ControlParameter> declared, JsonElement given) => (_declared, _given) = (declared, given);

    /// <summary>Takes them, or says what is wrong. Null stands for a parameter left out; members that are not declared are left alone, for a later viewer may say more.</summary>
    public static bool TryRead(IReadOnlyList<ControlParameter> declared, JsonElement given, out ControlArguments arguments, out string mistake)
    {
        arguments = new(declared, given);
        mistake = "";
        if (declared.Count == 0 && HasAny(given))
        {
            mistake = "it takes none";
        }
        else if (given.ValueKind == JsonValueKind.Array && given.GetArrayLength() > declared.Count)
        {
            mistake = $"it takes {declared.Count}";
        }
        else
        {
            foreach (var parameter in declared)
            {
                if (!arguments.TryGet(parameter.Name, out var value))
                    mistake = parameter.IsRequired ? $"{parameter.Name} is missing" : "";
                else
                    mistake = parameter.FindMistake(value) ?? "";
                if (mistake.Length > 0)
                    break;
            }
        }

        return mistake.Length == 0;
    }

    public double? Number(string name) => TryGet(name, out var value) ? value.GetDouble() : null;

    public long? Integer(string name) => TryGet(name, out var value) ? value.GetInt64() : null;

    public string? Text(string name) => TryGet(name, out var value) ? value.GetString() : null;

    public bool? Flag(string name) => TryGet(name, out var value) ? value.GetBoolean() : null;

    public IReadOnlyList<string>? Texts(string name) => TryGet(name, out var value) ? [.. value.EnumerateArray().Select(text => text.GetString()!)] : null;

    public JsonElement? Section(string name) => TryGet(name, out var value) ? value : null;

    public TimeSpan? Milliseconds(string name) => Number(name) is { } number ? TimeSpan.FromMilliseconds(number) : null;

    private bool TryGet(string name, out JsonElement value)
    {
        value = default;
        if (_given.ValueKind == JsonValueKind.Object)
            return _given.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
        if (_given.ValueKind != JsonValueKind.Array)
            return false;
        for (var i = 0; i < _declared.Count && i < _given.GetArrayLength(); i++)
        {
            if (_declared[i].Name == name)
                return (value = _given[i]).ValueKind != JsonValueKind.Null;
        }

        return false;
    }

    private static bool HasAny(JsonElement given) => given.ValueKind switch
    {
        JsonValueKind.Array => given.GetArrayLength() > 0,
        JsonValueKind.Object => given.EnumerateObject().Any(),
        _ => false,
    };
}
