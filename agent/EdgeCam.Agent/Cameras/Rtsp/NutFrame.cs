namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>A frame's place in its time, and of its stream.</summary>
/// <param name="Time">By the camera's clock, from an arbitrary beginning.</param>
internal readonly record struct NutFrame(TimeSpan Time, bool IsKey);
