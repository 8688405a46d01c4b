namespace EdgeCam.Agent.Devices.Board;

/// <summary>What <c>event/board</c> tells.</summary>
/// <param name="Condition"><c>hot</c>, <c>throttled</c>, <c>underVoltage</c> or <c>diskFull</c>.</param>
/// <param name="State"><c>began</c> or <c>ended</c>.</param>
internal sealed record BoardEvent(string Condition, string State, BoardHealth Health);
