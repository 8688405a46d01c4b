using System.Text.Json;

namespace EdgeCam.Agent.Control;

/// <summary>A method: writes its result, or returns an error, in which case what it wrote is left out.</summary>
/// <param name="parameters">An array or object; undefined where the request has none.</param>
internal delegate ControlError? ControlMethod(JsonElement parameters, ControlCaller caller, Utf8JsonWriter result);
