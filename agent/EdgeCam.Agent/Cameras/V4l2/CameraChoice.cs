namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>What would be chosen for a camera.</summary>
internal sealed record CameraChoice(string Camera, string Source, string Choice);
