using System.Diagnostics.CodeAnalysis;
namespace EdgeCam.WebRtc.Sdp;

/// <summary>An offer as an answerer reads it, or an answer as an offerer does (RFC 8866 §5, with the attributes of RFC 9429 §5.8).</summary>
/// <remarks>
/// A tolerant reader: LF or CRLF, attributes in any order, unknown lines and malformed optional attributes left out, lines for payload
/// types that the m= line does not name ignored. Only what would make the offer ambiguous or unsafe to echo is an error.
/// Left out of RFC 8866: connection data, bandwidth, timing, zones and keys are not read; bandwidth (b=) is left to congestion control.
/// Left out of RFC 8839: ice-pacing, remote-candidates, ice-mismatch. Left out of RFC 5888: every group but BUNDLE.
/// Left out of RFC 8864: subprotocol negotiation of channels in SDP (dcmap, dcsa); channels are opened in band by DCEP.
/// Left out of RFC 8853: simulcast, which an offer may ask for and an answer then does not have.
/// </remarks>
internal sealed class SessionDescription
{
    public const int MaxLength = 65_536;
    public const int MaxLines = 4096;
    public const int MaxSections = 32;

    private readonly LevelAttributes _attributes = new();
    private readonly List<MediaDescription> _media = [];
    private readonly List<string[]> _bundleGroups = [];

    private readonly bool _isAnswer;

    private SessionDescription(bool isAnswer) => _isAnswer = isAnswer;

    public IReadOnlyList<MediaDescription> Media => _media;

    /// <summary>The mids of each <c>a=group:BUNDLE</c>, in order (RFC 9143 §7).</summary>
    public IReadOnlyList<string[]> BundleGroups => _bundleGroups;

    public bool IsIceLite { get; private set; }

    public bool AllowsMixedExtensions => _attributes.AllowsMixedExtensions;

    /// <param name="isAnswer">Whose words an error has: those for who made an offer, or for who runs the server that answered ours.</param>
    public static bool TryParse(string text, out SessionDescription? description, [NotNullWhen(false)] out OfferError? error, bool isAnswer = false)
    {
        description = null;
        var result = new SessionDescription(isAnswer);
        error = result.Read(text);
        if (error is not null)
            return false;
        description = result;
        return true;
    }

    private OfferError? Read(string text)
    {
        if (text.Length > MaxLength)
            return TooLarge($"has {text.Length} characters, more than {MaxLength}", "offer fewer media sections or codecs");
        var content = text.AsSpan().TrimStart();
        if (!content.StartsWith("v=0\n", StringComparison.Ordinal) && !content.StartsWith("v=0\r", StringComparison.Ordinal))
            return Unusable("does not begin with the line v=0", "send the sdp of the browser's RTCSessionDescription as it is");

        var lines = 0;
        foreach (var line in content.EnumerateLines())
        {
            if (++lines > MaxLines)
                return TooLarge($"has more than {MaxLines} lines", "offer fewer media sections or codecs");
            if (line.Length >= 2 && line[1] == '=' && HandleLine(line[0], line[2..].TrimEnd()) is { } error)
                return error;
        }

        return _media.Count == 0
            ? Unusable("has no media section", "add a video transceiver that receives, or a data channel")
            : CheckMids();
    }

    private OfferError? HandleLine(char type, ReadOnlySpan<char> value)
    {
        if (type == 'm')
        {
            if (_media.Count == MaxSections)
                return TooLarge($"has more than {MaxSections} media sections", "one video and one data channel are enough");
            if (MediaDescription.TryParse(value, _media.Count, _attributes) is not { } media)
                return Unusable($"has a malformed m= line in media section {_media.Count}", "send the browser's offer as it is");
            _media.Add(media);
            return null;
        }

        if (type != 'a')
            return null;
        var colon = value.IndexOf(':');
        var name = colon < 0 ? value : value[..colon];
        var content = colon < 0 ? default : value[(colon + 1)..].Trim();
        if (_media.Count > 0)
            return _media[^1].Handle(name, content);

        if (name is "group" && content.StartsWith("BUNDLE ", StringComparison.Ordinal) && _bundleGroups.Count < MaxSections)
            _bundleGroups.Add(content["BUNDLE ".Length..].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries));
        else if (name is "ice-lite")
            IsIceLite = true;
        else
            _attributes.TryHandle(name, content);
        return null;
    }

    /// <summary>A mid names one section (RFC 5888 §6), and a section is in one BUNDLE group at most (RFC 9143 §7.1).</summary>
    private OfferError? CheckMids()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var media in _media)
        {
            if (media.Mid.Length > 0 && !seen.Add(media.Mid))
                return Unusable($"has two media sections with the mid {media.Mid}", "a mid names one section");
        }

        seen.Clear();
        foreach (var group in _bundleGroups)
        {
            foreach (var mid in group)
            {
                if (!seen.Add(mid))
                    return Unusable("has BUNDLE groups that name a mid twice", "name each media section once");
            }
        }

        return null;
    }

    private OfferError Unusable(string problem, string remedy) => OfferError.Unusable(Sentence(problem, remedy));

    private OfferError TooLarge(string problem, string remedy) => OfferError.TooLarge(Sentence(problem, remedy));

    private string Sentence(string problem, string remedy) =>
        _isAnswer ? $"The answer {problem}; look at the server that made it." : $"The offer {problem}; {remedy}.";
}
