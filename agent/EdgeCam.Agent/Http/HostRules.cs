using Microsoft.AspNetCore.Http;

namespace EdgeCam.Agent.Http;

/// <summary>
/// Access is open to this machine, so a page from elsewhere must not borrow the browser's place on it: the Host must be a name of ours
/// (DNS rebinding), and the Origin of whatever makes sessions must be the page that we serve.
/// </summary>
internal sealed class HostRules(HttpOptions options)
{
    private static readonly string[] s_loopback = ["localhost", "127.0.0.1", "[::1]"];

    private readonly HashSet<string> _hosts = new([.. s_loopback, .. options.Hosts], StringComparer.OrdinalIgnoreCase);

    public bool IsOurs(HostString host) => host.HasValue && _hosts.Contains(host.Host);

    /// <summary>No Origin: not a browser, or a request that a page cannot forge.</summary>
    public bool MayAct(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        if (origin.Length == 0)
            return true;
        if (!Uri.TryCreate(origin, UriKind.Absolute, out var page) || page.Scheme is not ("http" or "https"))
            return false;

        return page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)
            || options.Hosts.Contains(page.Host, StringComparer.OrdinalIgnoreCase);
    }
}
