using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Fleet;

/// <summary>Where a command writes: results to standard output, for people or as a JSON object in each line; all that is said besides to standard error.</summary>
internal sealed class FleetConsole(TextWriter output, TextWriter errors, TimeProvider time, bool isJson, int? width = null)
{
    private static readonly JsonSerializerOptions s_compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonSerializerOptions s_indented = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true };

    public bool IsJson => isJson;

    public TextWriter Output => output;

    public FleetProgress Progress { get; } = new(errors, width ?? WidthOf(errors), time);

    public Task WriteAsync(string line) => output.WriteLineAsync(line);

    /// <summary>One object, one line.</summary>
    public async Task WriteAsync(JsonObject json)
    {
        await output.WriteLineAsync(json.ToJsonString(s_compact));
        await output.FlushAsync();
    }

    /// <summary>As people read it.</summary>
    public static string Pretty(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(json)!.ToJsonString(s_indented),
        JsonValueKind.Array => JsonArray.Create(json)!.ToJsonString(s_indented),
        _ => json.GetRawText(),
    };

    /// <summary>In one line.</summary>
    public static string Short(JsonNode? json) => json?.ToJsonString(s_compact) ?? "null";

    public static JsonNode? Node(JsonElement? json) => json is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(value),
        JsonValueKind.Array => JsonArray.Create(value),
        _ => JsonValue.Create(value),
    };

    public void Say(string line) => Progress.Say(line);

    /// <summary>0 where it is no terminal.</summary>
    private static int WidthOf(TextWriter errors)
    {
        if (errors != Console.Error || Console.IsErrorRedirected)
            return 0;
        try
        {
            return Console.WindowWidth;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
