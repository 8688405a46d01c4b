using System.Buffers;
using System.Text.Json;

namespace EdgeCam.Agent.Management.HomeAssistant;

/// <summary>The device's own methods, called as Home Assistant: with the scopes view, ptz and gpio, whatever the broker says it is.</summary>
/// <param name="call">Takes a JSON-RPC request and gives its response.</param>
internal sealed class HomeAssistantCalls(Func<ReadOnlyMemory<byte>, ValueTask<byte[]?>> call)
{
    /// <summary>The lines and heads as they are now; one that does not answer is left out.</summary>
    /// <param name="heads">The cameras that heads carry.</param>
    public async Task<(IReadOnlyList<HomeAssistantHead> Heads, IReadOnlyList<HomeAssistantLine> Lines)> LookAsync(IReadOnlyList<string> heads)
    {
        List<HomeAssistantHead> found = [];
        foreach (var camera in heads)
        {
            var (presets, _) = await InvokeAsync("ptz.presets", writer => writer.WriteString("camera", camera));
            found.Add(new(camera, presets is { } result ? [.. result.GetProperty("presets").EnumerateArray().Where(IsAllowed).Select(static preset => (Text(preset, "token"), Text(preset, "name")))] : []));
        }

        var (list, _) = await InvokeAsync("gpio.list", static _ => { });
        return (found, list is { } lines ? [.. lines.GetProperty("lines").EnumerateArray().Select(Line)] : []);
    }

    /// <param name="order"><c>home</c>, <c>stop</c> or <c>preset TOKEN</c>.</param>
    /// <returns>Why not; null: it is done.</returns>
    public async Task<string?> MoveAsync(string camera, string order)
    {
        var token = order.StartsWith("preset ", StringComparison.Ordinal) ? order["preset ".Length..] : null;
        var method = order switch { "home" => "ptz.home", "stop" => "ptz.stop", _ when token is not null => "ptz.gotoPreset", _ => null };
        if (method is null)
            return "it is none of home, stop and preset TOKEN";
        return (await InvokeAsync(method, writer =>
        {
            writer.WriteString("camera", camera);
            if (token is not null)
                writer.WriteString("token", token);
        })).Problem;
    }

    /// <param name="order"><c>ON</c> or <c>OFF</c>.</param>
    /// <returns>Why not; null: it is done.</returns>
    public async Task<string?> SwitchAsync(string line, string order)
    {
        if (order is not ("ON" or "OFF"))
            return "it is neither ON nor OFF";
        return (await InvokeAsync("gpio.write", writer =>
        {
            writer.WriteString("line", line);
            writer.WriteBoolean("value", order == "ON");
        })).Problem;
    }

    private async Task<(JsonElement? Result, string? Problem)> InvokeAsync(string method, Action<Utf8JsonWriter> parameters)
    {
        var request = new ArrayBufferWriter<byte>();
        await using var writer = new Utf8JsonWriter(request);
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        writer.WriteNumber("id", 1);
        writer.WriteString("method", method);
        if (method != "gpio.list")
        {
            writer.WriteStartObject("params");
            parameters(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        await writer.FlushAsync();
        if (await call(request.WrittenMemory) is not { } bytes)
            return (null, "no answer");
        var response = JsonElement.Parse(bytes);
        return response.TryGetProperty("result", out var result) ? (result, null) : (null, Text(response.GetProperty("error"), "message"));
    }

    /// <summary>One that asks for more than Home Assistant has is no button that only fails.</summary>
    private static bool IsAllowed(JsonElement preset) => preset.GetProperty("scope") is not { ValueKind: JsonValueKind.String } scope || scope.GetString() is "view" or "ptz" or "gpio";

    private static HomeAssistantLine Line(JsonElement line) => new(
        Text(line, "name"), Text(line, "label"), line.GetProperty("writable").GetBoolean(),
        line.GetProperty("value") is { ValueKind: JsonValueKind.True or JsonValueKind.False } value ? value.GetBoolean() : null);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";
}
