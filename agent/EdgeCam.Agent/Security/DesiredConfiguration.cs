using System.Text.Json;

namespace EdgeCam.Agent.Security;

/// <summary>A desired configuration whose sender may say so.</summary>
/// <param name="Config">What it says, an object.</param>
/// <param name="Id">Its <c>jti</c>; null where it was not signed.</param>
/// <param name="IssuedAt">When it was signed, Unix seconds; null where it was not.</param>
/// <param name="IsRepeated">It is the one that was taken last: a retained message comes again with each connection.</param>
internal sealed record DesiredConfiguration(JsonElement Config, AccessGrant Grant, string? Id = null, long? IssuedAt = null, bool IsRepeated = false);
