namespace EdgeCam.Agent.Management.Update;

/// <summary>A word of the new version about itself: that it is healthy, or what it still waits for.</summary>
/// <param name="Id">Of the request.</param>
/// <param name="Waiting">For people; null where it waits for nothing.</param>
internal sealed record UpdateSign(string Id, string? Waiting = null);
