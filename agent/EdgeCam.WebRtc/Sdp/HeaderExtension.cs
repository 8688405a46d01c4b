using System.Globalization;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>A line <c>a=extmap</c>: which id an RTP header extension has (RFC 8285 §5).</summary>
/// <param name="Id">1 to 14 in the one-byte form; offers may use more, which we refuse.</param>
/// <param name="Direction">Null where the line names none and the section's own direction rules.</param>
internal sealed record HeaderExtension(int Id, MediaDirection? Direction, string Uri)
{
    public const string Mid = "urn:ietf:params:rtp-hdrext:sdes:mid";
    public const string AbsSendTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
    public const string TransportSequence = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
    public const string PlayoutDelay = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
    public const string AbsCaptureTime = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";

    /// <summary>The id fits the one-byte form (15 is reserved, RFC 8285 §4.2) and the offerer is willing to receive the extension.</summary>
    public bool CanBeSent => Id is >= 1 and <= 14 && Direction is null or MediaDirection.SendReceive or MediaDirection.ReceiveOnly;

    public static HeaderExtension? TryParse(ReadOnlySpan<char> value)
    {
        var space = value.IndexOf(' ');
        if (space < 0)
            return null;

        MediaDirection? direction = null;
        var id = value[..space];
        var uri = value[(space + 1)..].Trim();
        var slash = id.IndexOf('/');
        if (slash >= 0)
        {
            if (!SdpText.TryParseDirection(id[(slash + 1)..], out var named))
                return null;
            direction = named;
            id = id[..slash];
        }

        if (uri.IndexOf(' ') is >= 0 and var end) // extension attributes: none of ours has any
            uri = uri[..end];
        return int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && uri.Length is > 0 and <= 256
            ? new(number, direction, uri.ToString())
            : null;
    }
}
