namespace EdgeCam.Agent.Management.Update;

/// <summary>How often the helper has begun with a request: one that ends it each time is given up.</summary>
internal sealed record UpdateAttempt(string Id, int Count);
