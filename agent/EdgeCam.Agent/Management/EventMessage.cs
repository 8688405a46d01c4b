namespace EdgeCam.Agent.Management;

/// <summary>What <c>event/camera</c>, <c>event/viewer</c> and <c>event/device</c> tell.</summary>
/// <param name="At">Milliseconds since 1970; null while the clock is not set.</param>
/// <param name="Kind">Of a camera <c>lost</c>, <c>refused</c> or <c>back</c>; of a viewer <c>connected</c> or <c>ended</c>; of the device <c>restarting</c> or <c>rebooting</c>.</param>
/// <param name="Detail">For people.</param>
/// <param name="Viewer">As in telemetry.</param>
/// <param name="Reason">Why a viewer ended.</param>
/// <param name="Seconds">For how long it was connected.</param>
/// <param name="By">Who asked for it.</param>
internal sealed record EventMessage(
    int V, long? At, string Kind, string? Camera = null, string? Detail = null, string? Viewer = null, string? Reason = null, long? Seconds = null, string? By = null);
