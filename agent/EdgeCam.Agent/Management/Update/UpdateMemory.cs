namespace EdgeCam.Agent.Management.Update;

/// <summary>The agent's file: what it is at, and how the last one ended.</summary>
internal sealed record UpdateMemory(UpdateJob? Job = null, UpdateResult? Last = null);
