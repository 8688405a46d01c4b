using System.Text.Json;

namespace EdgeCam.Agent.Fleet;

/// <summary>Why a device did not do what it was asked for.</summary>
/// <param name="Code">Of JSON-RPC; null: it did not answer, or was not even asked.</param>
/// <param name="Data">What else it says of it.</param>
internal sealed record CallError(int? Code, string Message, string? Remedy = null, JsonElement? Data = null)
{
    private const int ParseError = -32700;
    private const int InvalidRequest = -32600;

    /// <summary>It said nothing.</summary>
    public bool IsSilence => Code is null;

    public static CallError Silent(TimeSpan patience) => new(null, $"no answer within {patience.TotalSeconds:0.#} s", "Does fleet list show it online? --timeout waits longer.");

    /// <summary>As a device wrote it (JSON-RPC 2.0 §5.1).</summary>
    /// <param name="isSigned">The request was a JWS.</param>
    public static CallError Of(JsonElement error, bool isSigned)
    {
        var code = (int)Math.Clamp(error.Integer("code") ?? 0, int.MinValue, int.MaxValue);
        var data = error.Member("data");
        var remedy = code is ParseError or InvalidRequest && isSigned ? "Where its security.access is open, it takes no signed requests: ask without --token-file" : data?.Text("remedy");
        return new(code, error.Text("message") ?? "an error without words", remedy, data);
    }

    /// <summary>In one line, all mistakes of settings included.</summary>
    public string InWords()
    {
        var mistakes = string.Join("; ", (Data?.List("mistakes") ?? []).Select(static mistake => $"{mistake.Text("key")}: {mistake.Text("problem")}. {mistake.Text("remedy")}"));
        var words = mistakes.Length > 0 ? $"{Message}: {mistakes}" : Message;
        return Remedy is null ? words : $"{words}. {Remedy}";
    }
}
