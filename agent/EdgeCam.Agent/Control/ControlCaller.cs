namespace EdgeCam.Agent.Control;

/// <summary>Who asks.</summary>
/// <param name="Viewer">The viewer whose data channel it came through, or the operator's name at the broker.</param>
internal sealed record ControlCaller(string Viewer);
