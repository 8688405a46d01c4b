using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Control;

/// <summary>The result of <c>device.info</c>.</summary>
/// <param name="UptimeSeconds">Of the agent.</param>
/// <param name="Viewers">Connected or connecting.</param>
internal sealed record DeviceInformation(
    string Id, string Name, string Version, string Model, string System, long UptimeSeconds, int Viewers, ClockReport Clock, IReadOnlyList<CameraReport> Cameras);
