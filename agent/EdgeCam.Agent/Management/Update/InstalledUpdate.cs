namespace EdgeCam.Agent.Management.Update;

/// <summary>What the helper keeps of all that was ever confirmed.</summary>
/// <param name="RollbackIndex">The highest: nothing below is installed any more.</param>
/// <param name="Previous">What ran before the last one, and is kept; null: nothing.</param>
internal sealed record InstalledUpdate(long RollbackIndex = 0, string? Previous = null);
