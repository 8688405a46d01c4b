using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Management.HomeAssistant;
using EdgeCam.Agent.Mqtt;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Management;

/// <summary>The bridge to Home Assistant, with a device whose methods the test answers.</summary>
internal sealed class HomeAssistantRig : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgecam-ha").FullName;

    public HomeAssistantTopics Topics { get; } = new(new("edgecam/v1", "dev"), "homeassistant");

    public TelemetryRig Device { get; } = new();

    public DropCounters Drops { get; } = new();

    public HomeAssistantMemory Memory => field ??= new(_folder);

    public LogLines<HomeAssistantBridge> Log { get; } = new();

    /// <summary>Topic and text of what was published.</summary>
    public List<(string Topic, string Text)> Said { get; } = [];

    /// <summary>Methods that were called, with their parameters.</summary>
    public List<string> Calls { get; } = [];

    public int? Connection { get; set; } = 1;

    public List<(string Token, string Name)> Presets { get; } = [("1", "Gate"), ("2", "Door \"east\"")];

    public bool? Lamp { get; set; } = false;

    public string? Error { get; set; }

    public HomeAssistantBridge Bridge(bool takesCommands = true) => new(
        Topics, new(Device.Device, "Raspberry Pi 5", Topics, () => Device.Options, takesCommands), new(AnswerAsync), Memory, () => (["cam0", "cam-1"], ["cam0"], Device.Board), () => Connection,
        (topic, json) => Said.Add((topic, Encoding.UTF8.GetString(json))), Drops, Device.Time, Log);

    /// <summary>The newest discovery message.</summary>
    public JsonElement Components() => JsonElement.Parse(Said.Last(message => message.Topic == Topics.Discovery).Text).GetProperty("components");

    public void Dispose()
    {
        Drops.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private ValueTask<byte[]?> AnswerAsync(ReadOnlyMemory<byte> request)
    {
        var asked = JsonElement.Parse(request.Span);
        var method = asked.GetProperty("method").GetString()!;
        JsonNode result = method switch
        {
            "ptz.presets" => new JsonObject { ["presets"] = new JsonArray([.. Presets.Append(("9", "Safe")).Select(static preset => Preset(preset.Item1, preset.Item2))]) },
            "gpio.list" => new JsonObject { ["lines"] = new JsonArray(Line("lamp", "Porch lamp", true, Lamp), Line("bell", "Bell", false, true)), ["pwm"] = new JsonArray() },
            _ => new JsonObject(),
        };
        if (method is not ("ptz.presets" or "gpio.list"))
            Calls.Add($"{method} {asked.GetProperty("params").GetRawText()}");
        var isRefused = Error is not null && method is not ("ptz.presets" or "gpio.list");
        var response = new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1 };
        if (isRefused)
            response["error"] = new JsonObject { ["code"] = -32003, ["message"] = Error };
        else
            response["result"] = result;
        return ValueTask.FromResult<byte[]?>(Encoding.UTF8.GetBytes(response.ToJsonString()));
    }

    /// <summary>The last asks for more than Home Assistant has.</summary>
    private static JsonObject Preset(string token, string name) => new() { ["token"] = token, ["name"] = name, ["scope"] = token == "9" ? "manage" : null };

    private static JsonObject Line(string name, string label, bool isWritable, bool? value) => new() { ["name"] = name, ["label"] = label, ["writable"] = isWritable, ["value"] = value };
}
