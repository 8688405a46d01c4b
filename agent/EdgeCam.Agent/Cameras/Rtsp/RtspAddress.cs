using System.Net;
using System.Net.Sockets;

namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>An IP camera's address, as <c>source</c> has it: <c>rtsp://host[:port]/path</c>, without user and password.</summary>
/// <param name="Port">554 where the address names none (RFC 2326 §3.2).</param>
internal sealed record RtspAddress(string Authority, string Host, int Port, string PathAndQuery)
{
    public const string Scheme = "rtsp:";

    private const int UsualPort = 554;
    private const string Unsafe = "'\"\\<>`{}|^";

    public string Text => $"rtsp://{Authority}{PathAndQuery}";

    /// <summary>It leads to this machine itself, or to what is known by its place on the wire alone (RFC 3927, RFC 4291 §2.5.6). A name is taken for what it says.</summary>
    public bool IsLoopbackOrLinkLocal
    {
        get
        {
            var name = Host.TrimEnd('.');
            if (name.Equals("localhost", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
                return true;
            if (!IPAddress.TryParse(Host.Trim('[', ']'), out var address))
                return false;
            address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.Equals(IPAddress.IPv6Any)
                || (address.AddressFamily == AddressFamily.InterNetwork && address.GetAddressBytes() is [0, ..] or [169, 254, ..]);
        }
    }

    /// <summary>Null, and what is wrong with it.</summary>
    public static RtspAddress? Parse(string source, out string mistake)
    {
        mistake = "";
        if (!source.StartsWith("rtsp://", StringComparison.Ordinal))
            mistake = "must have the form rtsp://192.168.1.20:554/stream";
        else if (source.Any(letter => letter is <= ' ' or > '~' || Unsafe.Contains(letter, StringComparison.Ordinal)))
            mistake = "has characters that no address has: write them with %, such as %20 for a blank";
        else if (AuthorityOf(source).Contains('@', StringComparison.Ordinal))
            mistake = "must not hold user and password: write them as user:password into a file, and name that in credentialsFile";
        else if (!Uri.TryCreate(source, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.Port == 0)
            mistake = "is no address: write it as rtsp://192.168.1.20:554/stream";
        else
            return new(AuthorityOf(source), uri.Host, uri.Port > 0 ? uri.Port : UsualPort, source[("rtsp://".Length + AuthorityOf(source).Length)..]);
        return null;
    }

    /// <summary>With user and password for the program that connects; for its stdin only.</summary>
    /// <param name="found">What the host's name stands for, where the program could not ask itself.</param>
    public string With(RtspCredentials? credentials, IPAddress? found = null)
    {
        var authority = found is null ? Authority : new IPEndPoint(found, Port).ToString();
        return credentials is null ? $"rtsp://{authority}{PathAndQuery}" : $"rtsp://{credentials.Escaped}@{authority}{PathAndQuery}";
    }

    private static string AuthorityOf(string source) => source["rtsp://".Length..].Split('/', '?', '#')[0];
}
