namespace EdgeCam.Agent.Mqtt;

/// <summary>How an attempt or a connection ended.</summary>
/// <param name="Reason">For people, with the remedy where there is one.</param>
/// <param name="Lived">From the moment when it was there until its end; zero where it never was.</param>
internal sealed record BrokerEnd(BrokerEndKind Kind, string Reason, TimeSpan Lived = default);
