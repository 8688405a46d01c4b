namespace EdgeCam.Agent.Mqtt;

/// <summary>Why a broker was not connected to.</summary>
/// <param name="MayBeVersion">Worth trying MQTT 3.1.1.</param>
/// <param name="IsVersion">The broker said that it does not know MQTT 5.</param>
internal sealed record BrokerRefusal(string Reason, bool MayBeVersion, bool IsVersion);
