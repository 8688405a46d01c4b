namespace EdgeCam.Agent.Mqtt;

/// <summary>Where a broker is: <c>mqtt://host[:1883]</c> or <c>mqtts://host[:8883]</c>.</summary>
internal sealed record BrokerAddress(string Host, int Port, bool IsSecure)
{
    public static bool TryParse(string text, out BrokerAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("mqtt" or "mqtts")
            || uri.Host.Length == 0 || uri.AbsolutePath is not ("" or "/") || uri.UserInfo.Length > 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            return false;

        var isSecure = uri.Scheme == "mqtts";
        address = new(uri.IdnHost.Trim('[', ']'), uri.Port > 0 ? uri.Port : isSecure ? 8883 : 1883, isSecure);
        return true;
    }
}
