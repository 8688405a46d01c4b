using System.Net;

namespace EdgeCam.Agent.Security;

/// <summary>
/// A link to the viewer with all that it needs. The secrets stand behind the number sign: browsers send that to no server.
/// </summary>
internal static class TokenLink
{
    /// <param name="page">The viewer's page.</param>
    /// <param name="camera">Null: the device's first.</param>
    /// <param name="identity">The thumbprint of the device's identity key.</param>
    public static string Create(string page, string device, string? camera, MintedToken minted, string identity)
    {
        List<string> members = [$"device={device}"];
        if (camera is not null)
            members.Add($"camera={Uri.EscapeDataString(camera)}");
        members.Add($"token={minted.Token}");
        if (minted.Key is not null)
            members.Add($"key={minted.Key}");
        members.Add($"identity={identity}");
        return $"{page}#{string.Join('&', members)}";
    }

    /// <summary>
    /// The page's address where the configuration names none: a reverse proxy's by https; or as it is bound, under this host's mDNS name where
    /// that is all addresses (RFC 6762 §3: one label and <c>.local</c>).
    /// </summary>
    public static string PageAt(IPEndPoint bind, bool isSecure, IReadOnlyList<string> hosts, string hostName)
    {
        if (IsGuessed(isSecure, hosts))
            return $"https://{hosts[0]}/";
        var isAll = bind.Address.Equals(IPAddress.Any) || bind.Address.Equals(IPAddress.IPv6Any);
        var host = hosts.Count > 0 ? hosts[0] : isAll ? $"{hostName.Split('.')[0].ToLowerInvariant()}.local" : new IPEndPoint(bind.Address, 0).ToString()[..^2];
        return $"{(isSecure ? "https" : "http")}://{host}:{bind.Port}/";
    }

    /// <summary>A reverse proxy stands in front, and nobody has said at which address.</summary>
    public static bool IsGuessed(bool isSecure, IReadOnlyList<string> hosts) => !isSecure && hosts.Count > 0;
}
