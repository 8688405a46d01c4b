using System.Net.NetworkInformation;
using System.Net.Sockets;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Peers;

/// <summary>The host's addresses, as host candidates (RFC 8445 §5.1.1.1).</summary>
internal static class HostInterfaces
{
    /// <summary>
    /// Addresses of interfaces that are up, IPv4 first. Loopback only where there is nothing else; link-local IPv6 never, since a
    /// browser cannot reach it without its own scope; excluded interfaces not at all.
    /// </summary>
    /// <param name="excluded">Interface names; a trailing <c>*</c> stands for any ending.</param>
    public static IReadOnlyList<TransportAddress> List(IReadOnlyList<string> excluded)
    {
        var addresses = new List<TransportAddress>();
        var loopback = new List<TransportAddress>();
        foreach (var network in InUse(excluded))
        {
            foreach (var unicast in network.GetIPProperties().UnicastAddresses)
            {
                if (unicast.Address.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
                    continue;
                var address = TransportAddress.From(unicast.Address, 0);
                if (address.IsLoopback)
                    loopback.Add(address);
                else if (address.IsIPv4 || !address.IsLinkLocal)
                    addresses.Add(address);
            }
        }

        return [.. (addresses.Count > 0 ? addresses : loopback).Distinct().OrderBy(address => address.IsIPv4 ? 0 : 1)];
    }

    /// <summary>Interfaces on which browsers of the same network may be asked for the addresses behind their names; loopback as above.</summary>
    public static IReadOnlyList<NetworkInterface> ForQueries(IReadOnlyList<string> excluded)
    {
        NetworkInterface[] all = [.. InUse(excluded).Where(network => network.SupportsMulticast || network.NetworkInterfaceType == NetworkInterfaceType.Loopback)];
        NetworkInterface[] outside = [.. all.Where(network => network.NetworkInterfaceType != NetworkInterfaceType.Loopback)];
        return outside.Length > 0 ? outside : all;
    }

    private static IEnumerable<NetworkInterface> InUse(IReadOnlyList<string> excluded) => NetworkInterface.GetAllNetworkInterfaces().Where(network =>
        network.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown && !excluded.Any(pattern => Matches(pattern, network.Name)));

    private static bool Matches(string pattern, string name) => pattern.EndsWith('*')
        ? name.StartsWith(pattern[..^1], StringComparison.Ordinal)
        : name == pattern;
}
