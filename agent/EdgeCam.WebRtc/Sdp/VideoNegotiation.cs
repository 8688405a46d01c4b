using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>Chooses what of an offered video section is used to send the stream.</summary>
internal static class VideoNegotiation
{
    private const int MaxMidInOneByteForm = 16; // RFC 8285 §4.2: an element has 1 to 16 bytes

    /// <summary>The section is open and its offerer wants to receive over DTLS-SRTP.</summary>
    public static bool CanReceive(MediaDescription media) =>
        media.Kind.Equals("video", StringComparison.OrdinalIgnoreCase) && media.IsRtp && !media.IsRejected
        && media.Direction is MediaDirection.ReceiveOnly or MediaDirection.SendReceive;

    public static bool TryNegotiate(MediaDescription media, ProfileLevelId stream, out NegotiatedVideo? video, [NotNullWhen(false)] out OfferError? error)
    {
        video = null;
        if (!TryChoosePayload(media, stream, out var payload, out var parameters))
        {
            error = OfferError.Unusable(Refusal(media, stream));
            return false;
        }

        if (!media.HasRtcpMux)
        {
            error = OfferError.Unusable($"Media section {media.Index} has no a=rtcp-mux, and RTCP on a port of its own is not served; offer with rtcpMuxPolicy \"require\".");
            return false;
        }

        error = null;
        video = Describe(media, payload, media.Mid, RetransmissionOf(media, payload), parameters.AnswerFor(stream), uri => Extension(media, uri)) with { Offered = parameters };
        return true;
    }

    /// <summary>How the chosen payload is sent, as the other side's section says.</summary>
    /// <param name="extension">The id under which a header extension is sent; 0 where it is not.</param>
    public static NegotiatedVideo Describe(MediaDescription media, PayloadFormat payload, string mid, byte? rtx, ProfileLevelId profile, Func<string, byte> extension)
    {
        var feedback = media.FeedbackOf(payload);
        var sequence = extension(HeaderExtension.TransportSequence);
        var transportCc = feedback.HasFlag(RtcpFeedback.TransportCc) && sequence != 0; // either is useless without the other
        return new(
            mid,
            payload.PayloadType,
            rtx,
            profile,
            mid.Length is > 0 and <= MaxMidInOneByteForm ? extension(HeaderExtension.Mid) : (byte)0,
            extension(HeaderExtension.AbsSendTime),
            transportCc ? sequence : (byte)0,
            extension(HeaderExtension.PlayoutDelay),
            extension(HeaderExtension.AbsCaptureTime),
            feedback.HasFlag(RtcpFeedback.Nack),
            feedback.HasFlag(RtcpFeedback.Pli),
            feedback.HasFlag(RtcpFeedback.Fir),
            transportCc,
            feedback.HasFlag(RtcpFeedback.Remb),
            media.HasReducedSizeRtcp);
    }

    /// <summary>The nearest profile; among equals the offerer's order decides (RFC 3264 §6.1).</summary>
    private static bool TryChoosePayload(MediaDescription media, ProfileLevelId stream, out PayloadFormat payload, out H264Parameters parameters)
    {
        (payload, parameters) = (null!, default);
        var best = int.MaxValue;
        foreach (var offered in media.Payloads)
        {
            if (offered.Is("H264") && H264Parameters.TryParse(offered, out var candidate) && candidate.PacketizationMode == 1
                && candidate.AllowsLevel(stream) && candidate.Distance(stream) is { } distance && distance < best)
                (best, payload, parameters) = (distance, offered, candidate);
        }

        return best != int.MaxValue;
    }

    /// <summary>The rtx payload whose apt is the chosen one (RFC 4588 §8.6).</summary>
    private static byte? RetransmissionOf(MediaDescription media, PayloadFormat payload)
    {
        foreach (var offered in media.Payloads)
        {
            if (offered.Is("rtx") && byte.TryParse(offered.Parameter("apt"), NumberStyles.None, CultureInfo.InvariantCulture, out var associated)
                && associated == payload.PayloadType && offered.PayloadType != payload.PayloadType)
                return offered.PayloadType;
        }

        return null;
    }

    private static byte Extension(MediaDescription media, string uri)
    {
        foreach (var extension in media.Extensions)
        {
            if (extension.Uri == uri && extension.CanBeSent)
                return (byte)extension.Id;
        }

        return 0;
    }

    private static string Refusal(MediaDescription media, ProfileLevelId stream)
    {
        const int MaxListed = 8;
        var h264 = new List<string>();
        var others = new List<string>();
        foreach (var payload in media.Payloads)
        {
            if (!payload.Is("H264"))
                others.Add(payload.Name);
            else if (H264Parameters.TryParse(payload, out var parameters))
                h264.Add($"{H264Parameters.Describe(parameters.ProfileLevelId)} packetization-mode {parameters.PacketizationMode}");
        }

        var sent = H264Parameters.Describe(stream);
        return h264.Count > 0
            ? $"The camera sends H.264 {sent} in packetization-mode 1, which no offered payload takes; offered: {List(h264)}. "
              + "Set the camera's profile or level to one of these, or use another browser."
            : $"The camera sends H.264 {sent}, and the offer has no H.264; offered: {List(others)}. Use a browser with H.264 enabled.";

        static string List(List<string> items) =>
            items.Count == 0 ? "nothing usable" : string.Join(", ", items.Where(i => i.Length > 0).Distinct().Take(MaxListed));
    }
}
