using System.Diagnostics.CodeAnalysis;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Sdp;

/// <summary>Turns an offer into an answer that sends one H.264 stream and opens one data channel association, all on one transport.</summary>
/// <remarks>
/// RFC 9429 §5.3 (answers), RFC 3264 §6, RFC 9143 (BUNDLE), RFC 8839 (ICE), RFC 8842 and RFC 8122 (DTLS), RFC 8841 (data channel),
/// RFC 8285 (header extensions), RFC 5761 (rtcp-mux, required).
/// What cannot be served is declined within the answer (audio, a second video, simulcast, an unbundled data channel); the whole offer
/// is refused only where nothing useful would be left.
/// Left out: offers of our own (<see cref="Offerer"/> makes those), rollback and provisional answers, receiving media, identity assertions (RFC 8827 §7), bandwidth lines,
/// more than one transport, two-byte header extensions.
/// </remarks>
public static class Answerer
{
    /// <returns>False with an error that names the thing and the remedy. Never throws for what an offer has in it.</returns>
    public static bool TryAnswer(string offer, AnswerOptions options, [NotNullWhen(true)] out Negotiated? session, out string answer, [NotNullWhen(false)] out OfferError? error)
    {
        SdpText.RequireToken(options.Cname, nameof(options.Cname));
        SdpText.RequireToken(options.StreamId, nameof(options.StreamId));
        SdpText.RequireToken(options.TrackId, nameof(options.TrackId));

        (session, answer) = (null, "");
        if (!SessionDescription.TryParse(offer, out var description, out error)
            || !TryChooseVideo(description!, options.StreamProfile, out var videoSection, out var video, out error))
            return false;

        var dataSection = description!.Media.FirstOrDefault(m => m is { IsDataChannel: true, IsRejected: false, SctpPort: not 0 });
        if (videoSection is null && dataSection is null)
        {
            error = OfferError.Unusable("The offer has neither a video section that receives nor a data channel; "
                + "call addTransceiver('video', { direction: 'recvonly' }) before createOffer.");
            return false;
        }

        var plan = AnswerPlan.Create(description, videoSection, dataSection);
        if (!TryReadTransport(plan, out var credentials, out var role, out error, options.ForcedRole))
            return false;

        var tagged = plan.Tagged;
        session = new(
            credentials,
            tagged.Candidates,
            tagged.EndOfCandidates || (!tagged.Trickles && tagged.Candidates.Count > 0),
            description.IsIceLite,
            tagged.Fingerprints,
            role,
            ($"m={tagged.Kind} 9 {tagged.Protocol} {tagged.Formats[0]}", tagged.Mid),
            plan.Bundle,
            video,
            plan.Has(dataSection) ? new(dataSection!.Mid, dataSection.SctpPort, dataSection.MaxMessageSize) : null);
        answer = AnswerWriter.Write(plan, session, options);
        return true;
    }

    /// <summary>The first section that fits. Without any that receives, the offer may still be for a data channel alone.</summary>
    private static bool TryChooseVideo(SessionDescription offer, ProfileLevelId stream,
        out MediaDescription? section, out NegotiatedVideo? video, [NotNullWhen(false)] out OfferError? error)
    {
        (section, video, error) = (null, null, null);
        foreach (var media in offer.Media)
        {
            if (!VideoNegotiation.CanReceive(media))
                continue;
            if (VideoNegotiation.TryNegotiate(media, stream, out video, out var refusal))
            {
                (section, error) = (media, null);
                return true;
            }

            error ??= refusal; // that of the first section says most
        }

        return error is null;
    }

    private static bool TryReadTransport(AnswerPlan plan, out IceCredentials credentials, out SetupRole role, [NotNullWhen(false)] out OfferError? error, SetupRole? forced)
    {
        var tagged = plan.Tagged;
        (credentials, role, error) = (tagged.Credentials ?? default, SetupRole.Active, null);
        if (tagged.Credentials is null)
            error = OfferError.Unusable($"Media section {tagged.Index} has no usable a=ice-ufrag and a=ice-pwd (4 and 22 characters or more, RFC 8839); send the browser's offer as it is.");
        else if (tagged.Fingerprints.Count == 0)
            error = OfferError.Unusable($"Media section {tagged.Index} has no usable a=fingerprint with sha-256, sha-384 or sha-512; only DTLS-SRTP is served.");
        else if (tagged.Setup is SetupAttribute.HoldConn)
            error = OfferError.Unusable($"Media section {tagged.Index} has a=setup:holdconn; offer actpass.");
        role = tagged.Setup switch
        {
            SetupAttribute.Active => SetupRole.Passive,
            SetupAttribute.Passive => SetupRole.Active,
            _ => forced ?? SetupRole.Active, // RFC 9429 §5.3.1: active saves a round trip
        };
        return error is null;
    }
}
