using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Fleet;

/// <summary>What a command came to at one device.</summary>
/// <param name="Text">For people.</param>
/// <param name="Result">For programs, where there is more to say.</param>
/// <param name="Error">The device's own, where it gave one.</param>
internal sealed record DeviceOutcome(string Device, OutcomeKind Kind, string Text, JsonNode? Result = null, CallError? Error = null)
{
    public static DeviceOutcome Done(string device, string text, JsonNode? result = null) => new(device, OutcomeKind.Done, text, result);

    public static DeviceOutcome Failed(string device, string text, JsonNode? result = null) => new(device, OutcomeKind.Failed, text, result);

    public static DeviceOutcome Silent(string device, string text) => new(device, OutcomeKind.Silent, text);

    public static DeviceOutcome Of(string device, CallError error) => new(device, error.IsSilence ? OutcomeKind.Silent : OutcomeKind.Failed, error.InWords(), null, error);

    public static DeviceOutcome Offline(string device) => Silent(device, "offline; nothing was sent");

    public static DeviceOutcome Interrupted(string device) => new(device, OutcomeKind.Skipped, "interrupted before its end was known");

    /// <summary>How the command ends for all of them: what a device refused counts before one that is silent.</summary>
    public static int ExitCodeOf(IReadOnlyCollection<DeviceOutcome> outcomes) =>
        outcomes.Any(static outcome => outcome.Kind == OutcomeKind.Failed) ? ExitCode.Refused
        : outcomes.Any(static outcome => outcome.Kind is OutcomeKind.Silent or OutcomeKind.Skipped) ? ExitCode.Silent
        : ExitCode.Success;

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["device"] = Device, ["outcome"] = Word(Kind), ["text"] = Text };
        if (Result is not null)
            json["result"] = Result.DeepClone();
        if (Error is { Code: { } code })
        {
            json["error"] = new JsonObject { ["code"] = code, ["message"] = Error.Message };
            if (FleetConsole.Node(Error.Data) is { } data)
                json["error"]!["data"] = data;
        }

        return json;
    }

    public static string Word(OutcomeKind kind) => kind switch
    {
        OutcomeKind.Done => "done",
        OutcomeKind.Failed => "failed",
        OutcomeKind.Silent => "silent",
        _ => "skipped",
    };
}
