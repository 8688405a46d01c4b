namespace EdgeCam.Agent.Cameras.Steering;

/// <summary>A descriptor of a process that leads to a video node.</summary>
/// <param name="Number">Its number in that process.</param>
/// <param name="Path">Such as <c>/dev/video11</c>.</param>
internal readonly record struct ChildDescriptor(int ProcessId, int Number, string Path);
