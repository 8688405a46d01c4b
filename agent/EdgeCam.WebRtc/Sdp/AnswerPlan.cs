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
        var tagged = group.Where(IsAccepted).Select(Section).FirstOrDefault(m => !m!.IsBundleOnly);
        if (tagged is null)
        {
            // A bundle-only section has no transport of its own: the offerer-tagged one must stay open for it (RFC 9143 §7.3.1).
            tagged = group.Length > 0 && Section(group[0]) is { IsRtp: true, Port: not 0, Payloads.Count: > 0 } carrier ? carrier : first;
            if (answers[tagged.Index] == SectionAnswer.Rejected)
                answers[tagged.Index] = SectionAnswer.Inactive;
        }

        return new(offer, tagged, answers, [.. group.Where(IsAccepted)]);
    }
}
