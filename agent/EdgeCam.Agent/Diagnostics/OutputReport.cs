namespace EdgeCam.Agent.Diagnostics;

/// <summary>An output as others are told of it: in status, telemetry and health.</summary>
/// <param name="State"><c>waiting</c> for the camera's first picture, <c>connecting</c>, <c>publishing</c>, or <c>failed</c>: then it is tried again by itself.</param>
/// <param name="Server">Host and port alone: what follows in the address may be a secret. Null before it is known, and in the status, as the detail there.</param>
/// <param name="Detail">For people: what happened and what to do; null when all is well.</param>
internal sealed record OutputReport(string Name, string Camera, string State, string? Server, string? Detail = null);
