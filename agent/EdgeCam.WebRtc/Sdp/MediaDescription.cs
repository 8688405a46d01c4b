using System.Globalization;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>One media section of an offer: its m= line and the attributes that an answerer needs (RFC 8866 §5.14). What it inherits from the session is resolved.</summary>
internal sealed class MediaDescription
{
    private const int MaxCandidates = 64;
    private const int DefaultMaxMessageSize = 65_536; // RFC 8841 §6.1

    private readonly LevelAttributes _session;
    private readonly LevelAttributes _own = new();
    private readonly List<PayloadFormat> _payloads = [];
    private readonly List<Candidate> _candidates = [];
    private RtcpFeedback _wildcardFeedback;
    private int? _sctpPort;
    private ulong? _maxMessageSize;

    private MediaDescription(LevelAttributes session, int index, string kind, ushort port, string protocol, string[] formats)
    {
        (_session, Index, Kind, Port, Protocol, Formats) = (session, index, kind, port, protocol, formats);
        if (!IsRtp)
            return;
        foreach (var format in formats)
        {
            // RFC 5761 §4: with rtcp-mux the payload types 64 to 95 would read as RTCP.
            if (byte.TryParse(format, NumberStyles.None, CultureInfo.InvariantCulture, out var type)
                && type is < 64 or (> 95 and < 128) && Payload(type) is null)
                _payloads.Add(new(type));
        }
    }

    /// <summary>The section's place, from 0; the answer has as many sections in the same order (RFC 3264 §6).</summary>
    public int Index { get; }

    /// <summary><c>video</c>, <c>audio</c>, <c>application</c>.</summary>
    public string Kind { get; }

    public ushort Port { get; }

    public string Protocol { get; }

    /// <summary>The format list as offered, at least one entry.</summary>
    public IReadOnlyList<string> Formats { get; }

    public bool IsRtp => Protocol.EndsWith("/SAVPF", StringComparison.OrdinalIgnoreCase) || Protocol.EndsWith("/SAVP", StringComparison.OrdinalIgnoreCase);

    /// <summary>DTLS/SCTP, in the form of RFC 8841 or in the older one with the port in the format list.</summary>
    public bool IsDataChannel => Protocol.EndsWith("DTLS/SCTP", StringComparison.OrdinalIgnoreCase) && (IsLegacySctp
        || Formats[0].Equals("webrtc-datachannel", StringComparison.OrdinalIgnoreCase));

    /// <summary><c>DTLS/SCTP 5000</c> with an sctpmap line: drafts before RFC 8841, still sent by some peers.</summary>
    public bool IsLegacySctp => Protocol.Equals("DTLS/SCTP", StringComparison.OrdinalIgnoreCase)
        && ushort.TryParse(Formats[0], NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary>Switched off by the offerer: port 0 without bundle-only (RFC 9143 §6).</summary>
    public bool IsRejected => Port == 0 && !IsBundleOnly;

    public bool IsBundleOnly { get; private set; }

    /// <summary>Empty where the section has none.</summary>
    public string Mid { get; private set; } = "";

    /// <summary>Those with a usable payload type, in order of the offerer's preference.</summary>
    public IReadOnlyList<PayloadFormat> Payloads => _payloads;

    public bool HasRtcpMux { get; private set; }

    public bool HasReducedSizeRtcp { get; private set; }

    public IReadOnlyList<Candidate> Candidates => _candidates;

    public bool EndOfCandidates => _own.EndOfCandidates || _session.EndOfCandidates;

    public bool Trickles => _own.Trickles || _session.Trickles;

    public MediaDirection Direction => _own.Direction ?? _session.Direction ?? MediaDirection.SendReceive;

    public SetupAttribute Setup => _own.Setup ?? _session.Setup ?? SetupAttribute.ActPass; // RFC 9429 §5.2.1 has offers say actpass

    public IReadOnlyList<Fingerprint> Fingerprints => _own.Fingerprints.Count > 0 ? _own.Fingerprints : _session.Fingerprints;

    /// <summary>The section's own and, for ids that it does not use, the session's (RFC 8285 §5).</summary>
    public IEnumerable<HeaderExtension> Extensions =>
        _own.Extensions.Concat(_session.Extensions.Where(inherited => !_own.Extensions.Any(own => own.Id == inherited.Id)));

    /// <summary>The section itself says extmap-allow-mixed; the session may as well (RFC 8285 §6).</summary>
    public bool AllowsMixedExtensions => _own.AllowsMixedExtensions;

    /// <summary>The pair of one level, never a mixture; null where either is absent or malformed.</summary>
    public IceCredentials? Credentials
    {
        get
        {
            var level = _own.UsernameFragment is null && _own.Password is null ? _session : _own;
            return level is { UsernameFragment: { } fragment, Password: { } password } ? new(fragment, password) : null;
        }
    }

    /// <summary>The peer's SCTP port (RFC 8841 §5); 0 asks for no association.</summary>
    public ushort SctpPort => (ushort)(_sctpPort
        ?? (IsLegacySctp ? ushort.Parse(Formats[0], NumberStyles.None, CultureInfo.InvariantCulture) : 5000));

    /// <summary>RFC 8841 §6: 0 in the offer is no limit, so ours applies.</summary>
    public int MaxMessageSize => (_maxMessageSize ?? DefaultMaxMessageSize) switch
    {
        0 or > NegotiatedDataChannel.MaxMessageSizeLimit => NegotiatedDataChannel.MaxMessageSizeLimit,
        var size => (int)size,
    };

    /// <summary>Feedback offered for a payload by its own lines and by those for <c>*</c> (RFC 4585 §4.2).</summary>
    public RtcpFeedback FeedbackOf(PayloadFormat payload) => payload.Feedback | _wildcardFeedback;

    public PayloadFormat? Payload(int payloadType) => _payloads.Find(p => p.PayloadType == payloadType);

    /// <param name="line">What follows <c>m=</c>.</param>
    public static MediaDescription? TryParse(ReadOnlySpan<char> line, int index, LevelAttributes session)
    {
        var words = line.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is < 4 or > 256 || !SdpText.IsToken(words[0], 32) || !SdpText.IsProtocol(words[2]))
            return null;

        var port = words[1].AsSpan(); // "9/2" is two ports of one section: nothing that WebRTC has
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        var formats = words[3..];
        return Array.TrueForAll(formats, format => SdpText.IsToken(format, 32)) ? new(session, index, words[0], number, words[2], formats) : null;
    }

    /// <returns>An error only where the description would become ambiguous; unknown and malformed attributes are left out.</returns>
    public OfferError? Handle(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        if (_own.TryHandle(name, value))
            return null;

        switch (name)
        {
            case "mid":
                if (!SdpText.IsToken(value, 64))
                    return OfferError.Unusable($"The mid of media section {Index} is not a token of 1 to 64 characters; let the browser choose it.");
                Mid = value.ToString();
                break;
            case "candidate":
                if (_candidates.Count < MaxCandidates && Candidate.TryParse(string.Concat("candidate:", value), out var candidate)
                    && candidate is { IsUdp: true, Component: 1 })
                    _candidates.Add(candidate);
                break;
            case "bundle-only": IsBundleOnly = true; break;
            case "rtcp-mux" or "rtcp-mux-only": HasRtcpMux = true; break; // RFC 5761, RFC 8858
            case "rtcp-rsize": HasReducedSizeRtcp = true; break;
            case "rtpmap": PayloadOf(value, out var mapping)?.HandleMapping(mapping); break;
            case "fmtp": PayloadOf(value, out var parameters)?.HandleParameters(parameters); break;
            case "rtcp-fb" when value.StartsWith("* "): _wildcardFeedback |= PayloadFormat.ParseFeedback(value[2..].Trim()); break;
            case "rtcp-fb": PayloadOf(value, out var feedback)?.HandleFeedback(feedback); break;
            case "sctp-port" when ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var sctpPort): _sctpPort = sctpPort; break;
            case "max-message-size":
                // A number beyond 64 bits is a way of saying "no limit".
                _maxMessageSize = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size
                    : value.IsEmpty || value.ContainsAnyExceptInRange('0', '9') ? null : ulong.MaxValue;
                break;
            default: break;
        }

        return null;
    }

    /// <returns>Null for a payload type that the m= line does not name: Firefox leaves such lines behind when codecs are taken out.</returns>
    private PayloadFormat? PayloadOf(ReadOnlySpan<char> value, out ReadOnlySpan<char> rest) =>
        int.TryParse(SdpText.FirstWord(value, out rest), NumberStyles.None, CultureInfo.InvariantCulture, out var type) ? Payload(type) : null;
}
