using System.ComponentModel.DataAnnotations;

namespace EdgeCam.Agent.Mqtt;

/// <summary>The broker inside the agent, on loopback only.</summary>
/// <param name="Enabled">Used where <c>mqtt.broker</c> is null.</param>
/// <param name="Port">TCP on 127.0.0.1; 0 takes a free port. Browsers come by WebSocket through <c>http.bind</c>.</param>
internal sealed record EmbeddedBrokerOptions(bool Enabled = true, [property: Range(0, 65535)] int Port = 1883);
