using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>The offerer's side: offers to send one H.264 stream, and reads what became of it in the answer.</summary>
/// <remarks>
/// RFC 3264 §5 and §7, RFC 9429 §5.2.1 and §5.11, RFC 9725 §4.2: what a WHIP client needs. A tolerant reader, since media servers write by
/// hand: an answer without format parameters, direction or mid is taken as the offer says. Of the level in an answer nothing is believed: servers
/// forward what they get.
/// Left out: audio, data channels, simulcast, provisional answers, more than one section.
/// </remarks>
public static class Offerer
{
    public static string Write(AnswerOptions ours)
    {
        SdpText.RequireToken(ours.Cname, nameof(ours.Cname));
        SdpText.RequireToken(ours.StreamId, nameof(ours.StreamId));
        SdpText.RequireToken(ours.TrackId, nameof(ours.TrackId));
        return OfferWriter.Write(ours);
    }

    /// <param name="stream">As in the offer.</param>
    /// <returns>False with an error that names the thing and the remedy. Never throws for what an answer has in it.</returns>
    public static bool TryReadAnswer(string answer, ProfileLevelId stream, [NotNullWhen(true)] out Negotiated? session, [NotNullWhen(false)] out OfferError? error)
    {
        session = null;
        if (!SessionDescription.TryParse(answer, out var description, out error, isAnswer: true))
            return false;
        var media = description!.Media[0];
        if (FindProblem(description, media) is { } problem)
        {
            error = OfferError.Unusable(problem);
            return false;
        }

        if (ChoosePayload(media, stream) is not { } chosen)
        {
            error = OfferError.Unusable("The answer accepts none of the offered payloads: the camera sends H.264 "
                + $"{H264Parameters.Describe(stream)} in packetization-mode 1; set the camera's profile or level to one that the server takes, or allow H.264 there.");
            return false;
        }

        session = new(
            media.Credentials!.Value,
            media.Candidates,
            media.EndOfCandidates || (!media.Trickles && media.Candidates.Count > 0),
            description.IsIceLite,
            media.Fingerprints,
            media.Setup is SetupAttribute.Active ? SetupRole.Passive : SetupRole.Active, // none: the answerer waits (RFC 4145 §4.1)
            ($"m=video 9 UDP/TLS/RTP/SAVPF {chosen.Offered.PayloadType}", OfferedVideo.Mid),
            [OfferedVideo.Mid],
            Describe(media, chosen.Payload, chosen.Offered),
            null);
        error = null;
        return true;
    }

    private static string? FindProblem(SessionDescription answer, MediaDescription media)
    {
        if (answer.Media.Count != 1)
            return $"The answer has {answer.Media.Count} media sections, and the offer has one (RFC 3264 §6); look at the server that made it.";
        if (media.IsRejected)
            return "The server declines the video (port 0 in its answer): allow H.264 there, and look whether this address may be published to.";
        if (!media.IsRtp || !media.Kind.Equals("video", StringComparison.OrdinalIgnoreCase))
            return "The answer's section is no video over DTLS-SRTP; look at the server that made it.";
        if (media.Direction is MediaDirection.Inactive or MediaDirection.SendOnly)
            return "The answer does not want to receive (neither recvonly nor sendrecv): look whether this address may be published to.";
        if (!media.HasRtcpMux)
            return "The answer has no a=rtcp-mux, and RTCP on a port of its own is not served; switch rtcp-mux on at the server.";
        if (media.Credentials is null)
            return "The answer has no usable a=ice-ufrag and a=ice-pwd (4 and 22 characters or more, RFC 8839); look at the server that made it.";
        if (media.Fingerprints.Count == 0)
            return "The answer has no usable a=fingerprint with sha-256, sha-384 or sha-512; only DTLS-SRTP is served.";
        return media.Setup is SetupAttribute.HoldConn ? "The answer has a=setup:holdconn, where active or passive belongs; look at the server that made it." : null;
    }

    /// <summary>The first that the answer names: its order is the server's preference (RFC 3264 §6.1).</summary>
    private static (PayloadFormat Payload, OfferedVideo Offered)? ChoosePayload(MediaDescription media, ProfileLevelId stream)
    {
        foreach (var payload in media.Payloads)
        {
            foreach (var offered in OfferedVideo.Of(stream))
            {
                if (payload.PayloadType == offered.PayloadType && payload.Is("H264") && payload.Parameter("packetization-mode") is "" or "1")
                    return (payload, offered);
            }
        }

        return null;
    }

    private static NegotiatedVideo Describe(MediaDescription media, PayloadFormat payload, OfferedVideo offered) => VideoNegotiation.Describe(
        media, payload, OfferedVideo.Mid, TakesRetransmissions(media, offered) ? offered.RtxPayloadType : null, offered.ProfileLevelId, uri => Extension(media, uri))
        with { Offered = new(offered.ProfileLevelId, PacketizationMode: 1, AllowsLevelAsymmetry: true) };

    private static bool TakesRetransmissions(MediaDescription media, OfferedVideo offered) =>
        media.Payload(offered.RtxPayloadType) is { } rtx && rtx.Is("rtx")
        && byte.TryParse(rtx.Parameter("apt"), NumberStyles.None, CultureInfo.InvariantCulture, out var associated) && associated == offered.PayloadType;

    /// <summary>An id that the answer has for the same extension as the offer; it may leave some out, and must not give them other ids (RFC 8285 §5). 0 for one that was not offered.</summary>
    private static byte Extension(MediaDescription media, string uri)
    {
        var ours = OfferedVideo.Extensions.FirstOrDefault(extension => extension.Uri == uri).Id;
        return media.Extensions.Any(accepted => accepted.Id == ours && accepted.Uri == uri && accepted.CanBeSent) ? ours : (byte)0;
    }
}
