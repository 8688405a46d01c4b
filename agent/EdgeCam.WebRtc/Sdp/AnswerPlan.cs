namespace EdgeCam.WebRtc.Sdp;

/// <summary>Which section is answered how, and which one carries the transport (RFC 9143 §7.3).</summary>
internal sealed class AnswerPlan
{
    private readonly SectionAnswer[] _answers;

    private AnswerPlan(SessionDescription offer, MediaDescription tagged, SectionAnswer[] answers, IReadOnlyList<string> bundle) =>
        (Offer, Tagged, _answers, Bundle) = (offer, tagged, answers, bundle);

    public SessionDescription Offer { get; }

    /// <summary>The answerer-tagged section: its transport is the only one.</summary>
    public MediaDescription Tagged { get; }

    /// <summary>The mids of the answer's BUNDLE group: the accepted ones in the offer's order; empty where the offer bundles nothing.</summary>
    public IReadOnlyList<string> Bundle { get; }

    public SectionAnswer AnswerFor(MediaDescription media) => _answers[media.Index];

    public bool Has(MediaDescription? media) => media is not null && AnswerFor(media) != SectionAnswer.Rejected;

    /// <remarks>
    /// The offerer-tagged section, first of the group, keeps the transport although nothing is sent in it (RFC 9143 §7.3.1 prefers it).
    /// With bundlePolicy "max-bundle" the offerer has no other: Firefox marks the rest bundle-only, and Chromium, which does not, fails to
    /// apply an answer that rejects the first section ("Failed to setup RTCP mux", seen with Chromium 156).
    /// </remarks>
    /// <param name="video">The section to send video in, or null.</param>
    /// <param name="dataChannel">The section to open an association in, or null; left out where it does not share the video's transport.</param>
    public static AnswerPlan Create(SessionDescription offer, MediaDescription? video, MediaDescription? dataChannel)
    {
        var answers = new SectionAnswer[offer.Media.Count];
        var first = video ?? dataChannel ?? throw new ArgumentException("Nothing to accept", nameof(video));
        var group = offer.BundleGroups.FirstOrDefault(g => first.Mid.Length > 0 && g.Contains(first.Mid)) ?? [];
        if (video is not null)
            answers[video.Index] = SectionAnswer.Video;
        if (dataChannel is not null && (dataChannel == first || group.Contains(dataChannel.Mid)))
            answers[dataChannel.Index] = SectionAnswer.DataChannel;
        if (group.Length == 0)
            return new(offer, first, answers, []);

        MediaDescription? Section(string mid) => offer.Media.FirstOrDefault(m => m.Mid == mid);
        bool IsAccepted(string mid) => Section(mid) is { } media && answers[media.Index] != SectionAnswer.Rejected;
        var tagged = Section(group[0]);
        if (tagged is not null && !IsAccepted(group[0]) && tagged is { IsRtp: true, Port: not 0, Payloads.Count: > 0 })
            answers[tagged.Index] = SectionAnswer.Inactive;
        if (tagged is null || !IsAccepted(group[0]))
            tagged = group.Where(IsAccepted).Select(Section).FirstOrDefault(m => !m!.IsBundleOnly) ?? first;
        return new(offer, tagged, answers, [.. group.Where(IsAccepted)]);
    }
}
