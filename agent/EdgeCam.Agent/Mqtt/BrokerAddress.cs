namespace EdgeCam.Agent.Mqtt;

/// <summary>
/// Where a broker is: <c>mqtt://host[:1883]</c>, <c>mqtts://host[:8883]</c>, and by WebSocket <c>ws://host[:80]/path</c> or <c>wss://host[:443]/path</c>.
/// </summary>
/// <param name="Path">Of a WebSocket (MQTT 5 §6); null: MQTT by TCP.</param>
internal sealed record BrokerAddress(string Host, int Port, bool IsSecure, string? Path = null)
{
    public static bool TryParse(string text, out BrokerAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            return false;

        var host = uri.IdnHost.Trim('[', ']');
        switch (uri.Scheme)
        {
            case "mqtt" or "mqtts" when uri.AbsolutePath is "" or "/":
                var isSecure = uri.Scheme == "mqtts";
                address = new(host, uri.Port > 0 ? uri.Port : isSecure ? 8883 : 1883, isSecure);
                return true;
            case "ws" or "wss":
                address = new(host, uri.Port, uri.Scheme == "wss", uri.AbsolutePath);
                return true;
            default:
                return false;
        }
    }
}
