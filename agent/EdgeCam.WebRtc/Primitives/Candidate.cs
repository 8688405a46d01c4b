using System.Globalization;

namespace EdgeCam.WebRtc.Primitives;

/// <summary>An ICE candidate as it travels in SDP and trickle messages (RFC 8839 §5.1).</summary>
/// <param name="Foundation">1 to 32 characters of ice-char; equal for candidates of one type, base and server.</param>
/// <param name="Priority">RFC 8445 §5.1.2.</param>
/// <param name="Address">None where <paramref name="HostName"/> stands in its place.</param>
/// <param name="RelatedAddress">raddr and rport, or none.</param>
/// <param name="HostName">An mDNS name instead of an address (<c>x.local</c>), or null.</param>
/// <param name="UsernameFragment">The generation that the candidate belongs to (RFC 8838 §9.1's ufrag extension), or null.</param>
/// <param name="IsUdp">False for TCP candidates, which are read and left out.</param>
/// <param name="Component">1 is RTP; with rtcp-mux the only one used.</param>
public sealed record Candidate(
    string Foundation,
    uint Priority,
    TransportAddress Address,
    CandidateType Type,
    TransportAddress RelatedAddress = default,
    string? HostName = null,
    string? UsernameFragment = null,
    bool IsUdp = true,
    int Component = 1)
{
    private const int MaxLength = 1024;

    /// <summary>Reads <c>candidate:…</c>, with or without <c>a=</c> in front. Tolerates any case of the transport and unknown extensions.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Candidate? candidate)
    {
        candidate = null;
        text = text.Trim();
        if (text.StartsWith("a=", StringComparison.Ordinal))
            text = text[2..];
        if (!text.StartsWith("candidate:", StringComparison.OrdinalIgnoreCase) || text.Length > MaxLength
            || text.ContainsAnyExceptInRange(' ', '~')) // a line break kept in a field would split a line of SDP later
            return false;

        var words = text["candidate:".Length..].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 8 || words[0].Length > 32 || !words[6].Equals("typ", StringComparison.OrdinalIgnoreCase)
            || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var component) || component is < 1 or > 256
            || !uint.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out var priority)
            || !ushort.TryParse(words[5], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            || !TryParseType(words[7], out var type))
            return false;

        var hostName = words[4].EndsWith(".local", StringComparison.OrdinalIgnoreCase) ? words[4] : null;
        var address = default(TransportAddress);
        if (hostName is null && !TransportAddress.TryParse(words[4], port, out address))
            return false;
        if (hostName is not null)
            address = address.WithPort(port);

        string? relatedHost = null, usernameFragment = null;
        ushort relatedPort = 0;
        for (var i = 8; i + 1 < words.Length; i += 2)
        {
            switch (words[i].ToLowerInvariant())
            {
                case "raddr": relatedHost = words[i + 1]; break;
                case "rport": _ = ushort.TryParse(words[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out relatedPort); break;
                case "ufrag": usernameFragment = words[i + 1]; break;
                default: break;
            }
        }

        var related = default(TransportAddress);
        if (relatedHost is not null)
            _ = TransportAddress.TryParse(relatedHost, relatedPort, out related);
        var isUdp = words[2].Equals("udp", StringComparison.OrdinalIgnoreCase);
        candidate = new(words[0], priority, address, type, related, hostName, usernameFragment, isUdp, component);
        return true;
    }

    /// <summary>The attribute's value, <c>candidate:…</c>, without <c>a=</c>.</summary>
    public override string ToString()
    {
        var text = string.Create(CultureInfo.InvariantCulture,
            $"candidate:{Foundation} {Component} {(IsUdp ? "udp" : "tcp")} {Priority} {HostName ?? Address.ToIPAddress().ToString()} {Address.Port} typ {TypeName(Type)}");
        if (!RelatedAddress.IsNone)
            text += string.Create(CultureInfo.InvariantCulture, $" raddr {RelatedAddress.ToIPAddress()} rport {RelatedAddress.Port}");
        return UsernameFragment is null ? text : $"{text} ufrag {UsernameFragment}";
    }

    private static string TypeName(CandidateType type) => type switch
    {
        CandidateType.Host => "host",
        CandidateType.ServerReflexive => "srflx",
        CandidateType.PeerReflexive => "prflx",
        _ => "relay",
    };

    private static bool TryParseType(string name, out CandidateType type)
    {
        (var known, type) = name.ToLowerInvariant() switch
        {
            "host" => (true, CandidateType.Host),
            "srflx" => (true, CandidateType.ServerReflexive),
            "prflx" => (true, CandidateType.PeerReflexive),
            "relay" => (true, CandidateType.Relayed),
            _ => (false, default),
        };
        return known;
    }
}
