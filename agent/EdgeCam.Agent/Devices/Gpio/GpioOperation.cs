using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>What a chip has been told and has not answered yet.</summary>
/// <param name="Value">Of a request or a set.</param>
/// <param name="Done">Learns what became of it; null where nobody asked.</param>
internal sealed record GpioOperation(GpioLine Line, GpioOperationKind Kind, bool Value, GpioCause Cause, Instant Since, Action<GpioOutcome>? Done);
