using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Signaling;

/// <summary>What a viewer that says hello is told.</summary>
internal sealed record DeviceIntroduction(string Device, string Name, string Version, IReadOnlyList<CameraReport> Cameras);
