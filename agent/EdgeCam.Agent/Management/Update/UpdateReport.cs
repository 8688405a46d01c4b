namespace EdgeCam.Agent.Management.Update;

/// <summary>What <c>update.check</c> tells.</summary>
/// <param name="Id">Of what is under way, as events have it; null where nothing is.</param>
/// <param name="Previous">What would be gone back to: a version, <c>package</c>, or null where that is not known.</param>
/// <param name="Keys">Thumbprints of the keys that an update may be signed with.</param>
/// <param name="RollbackIndex">What is below is refused.</param>
/// <param name="Starts">Of the version on trial so far; null where none is.</param>
/// <param name="Problems">Why this device takes no updates, or a key of it counts for nothing; null where there is nothing to say.</param>
internal sealed record UpdateReport(
    string Version, string DeviceClass, string State, string? Id, string? Previous, string? Update, int? Percent, int? Starts, IReadOnlyList<string> Keys, long RollbackIndex,
    IReadOnlyList<string>? Problems, UpdateResult? LastResult);
