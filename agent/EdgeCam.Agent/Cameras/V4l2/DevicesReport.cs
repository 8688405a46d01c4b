namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>What there is of cameras and encoders.</summary>
/// <param name="Software">How libx264 is found, or why it cannot be used.</param>
/// <param name="HasSoftware">libx264 can be used.</param>
/// <param name="Rpicam">Where rpicam-vid is; null where it is not installed.</param>
/// <param name="Choices">For each camera that is configured, what would be chosen and why.</param>
internal sealed record DevicesReport(IReadOnlyList<NodeReport> Nodes, string Software, bool HasSoftware, string? Rpicam, IReadOnlyList<CameraChoice> Choices);
