namespace EdgeCam.Agent.Diagnostics;

/// <summary>How it stands with the broker.</summary>
/// <param name="Connections">How many were made.</param>
/// <param name="Problem">For people: why there is none.</param>
internal sealed record BrokerCondition(bool IsConnected, int Connections, string? Problem);
