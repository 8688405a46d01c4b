using System.Text;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>Writes the answer. Whatever it echoes of the offer was checked when it was read: no line of ours can be broken by it.</summary>
internal sealed class AnswerWriter
{
    private readonly StringBuilder _text = new(2048);
    private readonly AnswerPlan _plan;
    private readonly Negotiated _session;
    private readonly AnswerOptions _options;

    private AnswerWriter(AnswerPlan plan, Negotiated session, AnswerOptions options) => (_plan, _session, _options) = (plan, session, options);

    public static string Write(AnswerPlan plan, Negotiated session, AnswerOptions options)
    {
        var writer = new AnswerWriter(plan, session, options);
        writer.WriteSession();
        foreach (var media in plan.Offer.Media)
            writer.WriteSection(media);
        return writer._text.ToString();
    }

    private void WriteSession()
    {
        Line("v=0");
        Line($"o=- {_options.SessionId} {_options.SessionVersion} IN IP4 0.0.0.0");
        Line("s=-");
        Line("t=0 0");
        if (_plan.Bundle.Count > 0)
            Line($"a=group:BUNDLE {string.Join(' ', _plan.Bundle)}");
        if (_options.TrickleSupported)
            Line("a=ice-options:trickle");
        if (_plan.Offer.AllowsMixedExtensions)
            Line("a=extmap-allow-mixed");
        Line("a=msid-semantic: WMS *");
    }

    private void WriteSection(MediaDescription media)
    {
        switch (_plan.AnswerFor(media))
        {
            case SectionAnswer.Video: WriteVideo(media, _session.Video!); break;
            case SectionAnswer.DataChannel: WriteDataChannel(media); break;
            case SectionAnswer.Inactive: WriteInactive(media); break;
            default: WriteRejected(media); break;
        }
    }

    private void WriteVideo(MediaDescription media, NegotiatedVideo video)
    {
        var payload = video.PayloadType;
        WriteHead(media, video.RtxPayloadType is { } second ? $"{payload} {second}" : $"{payload}");
        WriteExtension(media, video.MidExtension);
        WriteExtension(media, video.AbsSendTimeExtension);
        WriteExtension(media, video.TransportSequenceExtension);
        WriteExtension(media, video.PlayoutDelayExtension);
        WriteExtension(media, video.AbsCaptureTimeExtension);
        if (media.AllowsMixedExtensions)
            Line("a=extmap-allow-mixed");
        Line("a=sendonly");
        Line($"a=msid:{_options.StreamId} {_options.TrackId}");
        Line("a=rtcp-mux");
        if (video.ReducedSizeRtcp)
            Line("a=rtcp-rsize");

        Line($"a=rtpmap:{payload} H264/90000");
        WriteFeedback(payload, video.Remb, "goog-remb");
        WriteFeedback(payload, video.TransportCc, "transport-cc");
        WriteFeedback(payload, video.Fir, "ccm fir");
        WriteFeedback(payload, video.Nack, "nack");
        WriteFeedback(payload, video.Pli, "nack pli");
        var asymmetry = H264Parameters.TryParse(media.Payload(payload)!, out var offered) && offered.AllowsLevelAsymmetry ? "level-asymmetry-allowed=1;" : "";
        Line($"a=fmtp:{payload} {asymmetry}packetization-mode=1;profile-level-id={video.ProfileLevelId}");
        if (video.RtxPayloadType is { } rtx)
        {
            Line($"a=rtpmap:{rtx} rtx/90000");
            Line($"a=fmtp:{rtx} apt={payload}");
            Line($"a=ssrc-group:FID {_options.MediaSsrc.Value} {_options.RtxSsrc.Value}"); // RFC 5576 §4.2
        }

        WriteSource(_options.MediaSsrc);
        if (video.RtxPayloadType is not null)
            WriteSource(_options.RtxSsrc);
    }

    private void WriteDataChannel(MediaDescription media)
    {
        WriteHead(media, media.Formats[0]);
        if (media.IsLegacySctp)
            Line($"a=sctpmap:{media.Formats[0]} webrtc-datachannel 65535");
        else
            Line($"a=sctp-port:{NegotiatedDataChannel.LocalPort}");
        Line($"a=max-message-size:{NegotiatedDataChannel.MaxMessageSizeLimit}");
    }

    private void WriteInactive(MediaDescription media)
    {
        var payload = media.Payloads[0];
        WriteHead(media, $"{payload.PayloadType}");
        Line("a=inactive");
        if (media.HasRtcpMux)
            Line("a=rtcp-mux");
        if (payload.Mapping is { } mapping)
            Line($"a=rtpmap:{payload.PayloadType} {mapping}");
    }

    private void WriteRejected(MediaDescription media)
    {
        Line($"m={media.Kind} 0 {media.Protocol} {media.Formats[0]}");
        Line("c=IN IP4 0.0.0.0");
        if (media.Mid.Length > 0)
            Line($"a=mid:{media.Mid}");
        if (media.IsRtp)
            Line("a=inactive");
    }

    /// <summary>
    /// The m= and c= lines and the transport's attributes. In a bundled section only the tagged one's count (RFC 9143 §7.1.3); ICE credentials,
    /// fingerprint and setup are repeated in the others because some peers look for them in each section, candidates are not.
    /// </summary>
    private void WriteHead(MediaDescription media, string formats)
    {
        var (host, port) = DefaultDestination();
        Line($"m={media.Kind} {port} {media.Protocol} {formats}");
        Line($"c=IN {host}");
        if (media == _plan.Tagged)
        {
            foreach (var candidate in _options.Candidates)
                Line($"a={candidate}");
            if (_options.EndOfCandidates)
                Line("a=end-of-candidates");
        }

        Line($"a=ice-ufrag:{_options.Credentials.UsernameFragment}");
        Line($"a=ice-pwd:{_options.Credentials.Password}");
        Line($"a=fingerprint:{_options.Fingerprint}");
        Line($"a=setup:{(_session.Role == SetupRole.Active ? "active" : "passive")}");
        if (media.Mid.Length > 0)
            Line($"a=mid:{media.Mid}");
    }

    /// <summary>The candidate most likely to work for a peer without ICE (RFC 8839 §4.2.1.2); 0.0.0.0 port 9 where none is known yet (RFC 8840 §4.1.1).</summary>
    private (string Host, ushort Port) DefaultDestination()
    {
        var candidate = _options.Candidates
            .Where(c => c is { IsUdp: true, Component: 1, HostName: null } && c.Address.IsUnicast && !c.Address.IsLinkLocal)
            .OrderByDescending(c => c.Address.IsIPv4)
            .ThenByDescending(c => c.Type)
            .FirstOrDefault();
        return candidate is null ? ("IP4 0.0.0.0", (ushort)9)
            : ($"{(candidate.Address.IsIPv4 ? "IP4" : "IP6")} {candidate.Address.ToIPAddress()}", candidate.Address.Port);
    }

    /// <summary>With the offer's id; a direction is answered by its opposite (RFC 8285 §5).</summary>
    private void WriteExtension(MediaDescription media, byte id)
    {
        if (id == 0)
            return;
        var offered = media.Extensions.First(e => e.Id == id);
        Line($"a=extmap:{id}{(offered.Direction is MediaDirection.ReceiveOnly ? "/sendonly" : "")} {offered.Uri}");
    }

    private void WriteFeedback(byte payload, bool agreed, string kind)
    {
        if (agreed)
            Line($"a=rtcp-fb:{payload} {kind}");
    }

    private void WriteSource(Ssrc source)
    {
        Line($"a=ssrc:{source.Value} cname:{_options.Cname}");
        Line($"a=ssrc:{source.Value} msid:{_options.StreamId} {_options.TrackId}");
    }

    private void Line(string line) => _text.Append(line).Append("\r\n");
}
