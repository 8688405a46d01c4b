using System.Text.Json;

namespace EdgeCam.Agent.Fleet;

/// <summary>What came of a request: a result, or why there is none.</summary>
internal readonly record struct CallAnswer(JsonElement Result, CallError? Error = null)
{
    public static CallAnswer Failed(CallError error) => new(default, error);
}
