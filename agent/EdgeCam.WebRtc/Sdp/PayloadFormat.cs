using System.Globalization;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>One RTP payload type of a section with what its rtpmap, fmtp and rtcp-fb lines say, in whatever order they come.</summary>
internal sealed class PayloadFormat(byte payloadType)
{
    private const int MaxParametersLength = 1024;

    public byte PayloadType { get; } = payloadType;

    /// <summary>The encoding name of <c>a=rtpmap</c>; empty where the offer relies on a static payload type.</summary>
    public string Name { get; private set; } = "";

    public int ClockRate { get; private set; }

    /// <summary>What follows the payload type in <c>a=fmtp</c>.</summary>
    public string Parameters { get; private set; } = "";

    public RtcpFeedback Feedback { get; private set; }

    /// <summary>The rtpmap value as it was offered, or null.</summary>
    public string? Mapping { get; private set; }

    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase) && ClockRate == 90_000;

    public void HandleMapping(ReadOnlySpan<char> value)
    {
        var slash = value.IndexOf('/');
        if (slash < 0 || !SdpText.IsToken(value[..slash], 32))
            return;
        var rate = value[(slash + 1)..];
        var channels = rate.IndexOf('/');
        if (!int.TryParse(channels < 0 ? rate : rate[..channels], NumberStyles.None, CultureInfo.InvariantCulture, out var clockRate)
            || (channels >= 0 && !SdpText.IsToken(rate[(channels + 1)..], 8)))
            return;
        (Name, ClockRate, Mapping) = (value[..slash].ToString(), clockRate, value.ToString());
    }

    public void HandleParameters(ReadOnlySpan<char> value)
    {
        if (value.Length <= MaxParametersLength)
            Parameters = value.ToString();
    }

    public void HandleFeedback(ReadOnlySpan<char> value) => Feedback |= ParseFeedback(value);

    /// <param name="value"><c>nack pli</c>, <c>ccm fir</c> …; kinds that we do not serve are nothing.</param>
    public static RtcpFeedback ParseFeedback(ReadOnlySpan<char> value) => value switch
    {
        "nack" => RtcpFeedback.Nack,
        "nack pli" => RtcpFeedback.Pli,
        "ccm fir" => RtcpFeedback.Fir,
        "transport-cc" => RtcpFeedback.TransportCc,
        "goog-remb" => RtcpFeedback.Remb,
        _ => RtcpFeedback.None,
    };

    /// <summary>The value of one parameter in <c>a=fmtp</c>, or nothing.</summary>
    public ReadOnlySpan<char> Parameter(string name)
    {
        var parameters = Parameters.AsSpan();
        foreach (var range in parameters.Split(';'))
        {
            var pair = parameters[range].Trim();
            if (pair.Length > name.Length && pair[name.Length] == '=' && pair.StartsWith(name, StringComparison.OrdinalIgnoreCase))
                return pair[(name.Length + 1)..];
        }

        return default;
    }
}
