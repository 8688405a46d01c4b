namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>An IP camera's address, as <c>source</c> has it: <c>rtsp://host[:port]/path</c>, without user and password.</summary>
/// <param name="Port">554 where the address names none (RFC 2326 §3.2).</param>
internal sealed record RtspAddress(string Authority, string Host, int Port, string PathAndQuery)
{
    public const string Scheme = "rtsp:";

    private const int UsualPort = 554;
    private const string Unsafe = "'\"\\<>`{}|^";

    public string Text => $"rtsp://{Authority}{PathAndQuery}";

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

    /// <summary>With user and password for the program that connects, both in percent-encoding (RFC 3986 §2.1); for its stdin only.</summary>
    public string With(RtspCredentials? credentials) => credentials is null
        ? Text
        : $"rtsp://{Uri.EscapeDataString(credentials.User)}:{Uri.EscapeDataString(credentials.Password)}@{Authority}{PathAndQuery}".Replace("'", "%27", StringComparison.Ordinal);

    private static string AuthorityOf(string source) => source["rtsp://".Length..].Split('/', '?', '#')[0];
}
