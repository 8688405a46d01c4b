namespace EdgeCam.Agent.Management.Update;

/// <summary>What <c>event/update</c> tells.</summary>
/// <param name="At">Null while the clock is not set.</param>
/// <param name="Percent">Of the download; null in other states.</param>
internal sealed record UpdateEvent(
    int V, DateTimeOffset? At, string Kind, string Id, string State, string? Version, int? Percent = null, string? Reason = null, string? Detail = null, string? Remedy = null);
