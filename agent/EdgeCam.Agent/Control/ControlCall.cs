using System.Text.Json;

namespace EdgeCam.Agent.Control;

/// <summary>One call of a method.</summary>
/// <param name="Arguments">As declared.</param>
/// <param name="Result">Takes the result, one JSON value; nothing written is null.</param>
internal sealed record ControlCall(ControlArguments Arguments, ControlCaller Caller, Utf8JsonWriter Result);
