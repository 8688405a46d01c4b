using System.Net;
using Microsoft.AspNetCore.Http;

namespace EdgeCam.Agent.Http;

/// <summary>
/// A page from elsewhere must not borrow a browser's place on this machine or in its network: the Host must be a name of ours (DNS
/// rebinding), and the Origin of whatever makes sessions must be the page that we serve.
/// </summary>
internal sealed class HostRules
{
    private static readonly string[] s_loopback = ["localhost", "127.0.0.1", "[::1]"];

    private readonly HashSet<string> _hosts;
    private readonly string[] _named;
    private readonly bool _isBeyondLoopback;

    /// <param name="hostName">This machine's name.</param>
    public HostRules(HttpOptions options, string hostName)
    {
        _named = options.Hosts;
        _isBeyondLoopback = options.IsBeyondLoopback;
        _hosts = new([.. s_loopback, .. options.Hosts], StringComparer.OrdinalIgnoreCase);
        if (!_isBeyondLoopback)
            return;
        var label = hostName.Split('.')[0];
        _hosts.UnionWith([hostName, label, $"{label}.local"]); // mDNS answers for the last one
    }

    public bool IsOurs(HttpContext context)
    {
        var host = context.Request.Host;
        return host.HasValue && (_hosts.Contains(host.Host) || (_isBeyondLoopback && IsOurAddress(host.Host, context.Connection.LocalIpAddress)));
    }

    /// <summary>No Origin: not a browser, or a request that a page cannot forge.</summary>
    public bool MayAct(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0)
            return true;
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var page) || page.Scheme is not ("http" or "https"))
            return false;

        return page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)
            || _named.Contains(page.Host, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The address that the connection came to is one of this machine's, whatever others it has by now.</summary>
    private static bool IsOurAddress(string host, IPAddress? local) =>
        local is not null && IPAddress.TryParse(host.Trim('[', ']'), out var named) && Plain(named).Equals(Plain(local));

    /// <summary>An IPv4 address on a socket of IPv6 is the same address; and a Host has no interface's number.</summary>
    private static IPAddress Plain(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address.IsIPv6LinkLocal ? new IPAddress(address.GetAddressBytes()) : address;
}
