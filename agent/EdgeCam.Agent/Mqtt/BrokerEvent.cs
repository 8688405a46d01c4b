namespace EdgeCam.Agent.Mqtt;

/// <summary>What <c>event/broker</c> tells.</summary>
/// <param name="Condition"><c>takenOver</c>: another client connects under our id.</param>
/// <param name="State"><c>began</c> or <c>ended</c>.</param>
/// <param name="ClientId">Under which both connect.</param>
internal sealed record BrokerEvent(string Condition, string State, string ClientId, string Problem);
