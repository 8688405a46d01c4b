namespace EdgeCam.Agent.Management.Update;

/// <summary>How an update stands, as the helper tells the agent, and the agent its operators.</summary>
/// <param name="Id">Of the request.</param>
/// <param name="State">One of <see cref="UpdateStates"/>.</param>
/// <param name="Version">Null where that could not be read.</param>
/// <param name="Reason">One of <see cref="UpdateReasons"/>; null where all went well.</param>
/// <param name="Detail">For people: what is wrong.</param>
/// <param name="Remedy">For people: what to do.</param>
internal sealed record UpdateResult(string Id, string State, string? Version, string? Reason = null, string? Detail = null, string? Remedy = null)
{
    public static UpdateResult Of(string id, string state, string? version, UpdateRefusal? refusal) => new(id, state, version, refusal?.Reason, refusal?.Problem, refusal?.Remedy);
}
