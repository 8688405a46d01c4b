using System.Text;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>Writes an offer to send one H.264 stream: one section, one transport (RFC 9429 §5.2.1, RFC 9725 §4.2).</summary>
internal sealed class OfferWriter
{
    private readonly StringBuilder _text = new(2048);
    private readonly AnswerOptions _options;
    private readonly IReadOnlyList<OfferedVideo> _offered;

    private OfferWriter(AnswerOptions options) => (_options, _offered) = (options, OfferedVideo.Of(options.StreamProfile));

    public static string Write(AnswerOptions options)
    {
        var writer = new OfferWriter(options);
        writer.WriteSession();
        writer.WriteTransport();
        writer.WriteVideo();
        return writer._text.ToString();
    }

    private void WriteSession()
    {
        Line("v=0");
        Line($"o=- {_options.SessionId} {_options.SessionVersion} IN IP4 0.0.0.0");
        Line("s=-");
        Line("t=0 0");
        Line($"a=group:BUNDLE {OfferedVideo.Mid}");
        Line("a=ice-options:trickle");
        Line("a=msid-semantic: WMS *");
    }

    /// <summary>Port 9 and no address: with ICE the candidates say where (RFC 8840 §4.1.1).</summary>
    private void WriteTransport()
    {
        Line($"m=video 9 UDP/TLS/RTP/SAVPF {string.Join(' ', _offered.Select(static video => $"{video.PayloadType} {video.RtxPayloadType}"))}");
        Line("c=IN IP4 0.0.0.0");
        foreach (var candidate in _options.Candidates)
            Line($"a={candidate}");
        if (_options.EndOfCandidates)
            Line("a=end-of-candidates");
        Line($"a=ice-ufrag:{_options.Credentials.UsernameFragment}");
        Line($"a=ice-pwd:{_options.Credentials.Password}");
        Line($"a=fingerprint:{_options.Fingerprint}");
        Line("a=setup:actpass");
        Line($"a=mid:{OfferedVideo.Mid}");
    }

    private void WriteVideo()
    {
        foreach (var (id, uri) in OfferedVideo.Extensions)
            Line($"a=extmap:{id} {uri}");
        Line("a=sendonly");
        Line($"a=msid:{_options.StreamId} {_options.TrackId}");
        Line("a=rtcp-mux");
        Line("a=rtcp-rsize");
        foreach (var (payload, rtx, profile) in _offered)
        {
            Line($"a=rtpmap:{payload} H264/90000");
            Line($"a=rtcp-fb:{payload} goog-remb");
            Line($"a=rtcp-fb:{payload} transport-cc");
            Line($"a=rtcp-fb:{payload} ccm fir");
            Line($"a=rtcp-fb:{payload} nack");
            Line($"a=rtcp-fb:{payload} nack pli");
            Line($"a=fmtp:{payload} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={profile}");
            Line($"a=rtpmap:{rtx} rtx/90000");
            Line($"a=fmtp:{rtx} apt={payload}");
        }

        Line($"a=ssrc-group:FID {_options.MediaSsrc.Value} {_options.RtxSsrc.Value}"); // RFC 5576 §4.2
        WriteSource(_options.MediaSsrc);
        WriteSource(_options.RtxSsrc);
    }

    private void WriteSource(Ssrc source)
    {
        Line($"a=ssrc:{source.Value} cname:{_options.Cname}");
        Line($"a=ssrc:{source.Value} msid:{_options.StreamId} {_options.TrackId}");
    }

    private void Line(string line) => _text.Append(line).Append("\r\n");
}
