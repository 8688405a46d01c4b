namespace EdgeCam.Agent.Http;

/// <summary>What the page asks for first, at <c>viewer.json</c>.</summary>
/// <param name="Broker">A WebSocket address, or a path on the page's own host; null where viewers have no MQTT here.</param>
/// <param name="Device">The device behind this page.</param>
/// <param name="Access">What a viewer needs, as security.access says it.</param>
internal sealed record ViewerSettings(string? Broker, string Prefix, string Device, string Access);
