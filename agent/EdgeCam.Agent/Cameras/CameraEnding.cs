namespace EdgeCam.Agent.Cameras;

/// <summary>How a run of a camera's program ended.</summary>
/// <param name="Detail">For people: what happened and what to do. Empty: nothing to tell, it is run anew in another way.</param>
/// <param name="IsRefusal">The operator must change something; otherwise it may come back by itself.</param>
/// <param name="Wait">At least so long until the next attempt.</param>
internal sealed record CameraEnding(string Detail, bool IsRefusal = false, TimeSpan Wait = default);
