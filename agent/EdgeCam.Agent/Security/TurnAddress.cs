using System.Globalization;

namespace EdgeCam.Agent.Security;

/// <summary>Where a TURN server is (RFC 7065): <c>turn:host[:3478][?transport=udp|tcp]</c> or <c>turns:host[:5349][?transport=tcp]</c>.</summary>
/// <remarks>Left out: TURN over DTLS (<c>turns:</c> with <c>transport=udp</c>), and the DNS records of RFC 5928: a port not written is the default.</remarks>
internal sealed record TurnAddress(string Host, int Port, TurnTransport Transport)
{
    private const int DefaultPort = 3478; // RFC 8656 §13
    private const int DefaultTlsPort = 5349;

    public static bool TryParse(string text, out TurnAddress? address)
    {
        address = null;
        var isSecure = text.StartsWith("turns:", StringComparison.Ordinal);
        if (!isSecure && !text.StartsWith("turn:", StringComparison.Ordinal))
            return false;

        var rest = text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..];
        var transport = isSecure ? TurnTransport.Tls : TurnTransport.Udp;
        var query = rest.IndexOf('?', StringComparison.Ordinal);
        if (query >= 0)
        {
            switch (rest[query..])
            {
                case "?transport=udp" when !isSecure: break;
                case "?transport=tcp": transport = isSecure ? TurnTransport.Tls : TurnTransport.Tcp; break;
                default: return false;
            }

            rest = rest[..query];
        }

        var (host, port) = (rest, isSecure ? DefaultTlsPort : DefaultPort);
        var colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf(']'))
        {
            host = rest[..colon];
            if (!int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535)
                return false;
        }

        // An IPv6 address stands in brackets, or its end could be a port.
        var isBracketed = host.StartsWith('[') && host.EndsWith(']');
        if (isBracketed)
            host = host[1..^1];
        var kind = Uri.CheckHostName(host);
        if (kind == UriHostNameType.Unknown || (kind == UriHostNameType.IPv6) != isBracketed)
            return false;
        address = new(host, port, transport);
        return true;
    }

    /// <summary>The URL as a browser takes it.</summary>
    public override string ToString()
    {
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        return string.Create(CultureInfo.InvariantCulture,
            $"{(Transport == TurnTransport.Tls ? "turns" : "turn")}:{host}:{Port}?transport={(Transport == TurnTransport.Udp ? "udp" : "tcp")}");
    }
}
