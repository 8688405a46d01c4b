using System.Net;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>An address of <c>peers.advertise</c>, at which something in front of the device forwards to its media port.</summary>
internal static class AdvertisedAddress
{
    /// <summary>Reads <c>203.0.113.7</c>, <c>203.0.113.7:50000</c>, <c>[2001:db8::7]</c> or <c>[2001:db8::7]:50000</c>.</summary>
    /// <remarks>Loopback is one too: of a container or a virtual machine whose port is forwarded on its host, where the viewer is.</remarks>
    /// <param name="address">Port 0 where none is given: that of the media port.</param>
    public static bool TryParse(string text, out TransportAddress address)
    {
        address = default;
        if (!IPEndPoint.TryParse(text, out var endpoint) || (text.Contains("::", StringComparison.Ordinal) && text[0] != '['))
            return false;
        var hasPort = text.LastIndexOf(':') > text.LastIndexOf(']') && (text[0] == '[' || text.Contains('.', StringComparison.Ordinal));
        address = TransportAddress.From(endpoint.Address, endpoint.Port);
        return hasPort == (endpoint.Port != 0) && address.WithPort(9) is { IsUnicast: true, IsLinkLocal: false };
    }

    public static IReadOnlyList<TransportAddress> Parse(IEnumerable<string> texts)
    {
        var addresses = new List<TransportAddress>();
        foreach (var text in texts)
        {
            if (TryParse(text, out var address))
                addresses.Add(address);
        }

        return addresses;
    }
}
