namespace EdgeCam.Agent.Management.Update;

/// <summary>What the agent is at, as it stands in its own file: a start goes on from there.</summary>
/// <param name="State"><see cref="UpdateStates.Downloading"/>, <see cref="UpdateStates.Staged"/> or <see cref="UpdateStates.Trial"/>.</param>
internal sealed record UpdateJob(string Id, string State, string Version, string Url, string Manifest);
