using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Streaming;

/// <summary>One viewer as <see cref="BitratePolicy"/> sees it: what its network carries, and which stream it is to take.</summary>
internal sealed class ViewerDemand
{
    /// <summary>Bits per second that its network carries now, as estimated.</summary>
    public long Estimate { get; set; } = long.MaxValue;

    /// <summary>False as long as the estimate is a guess: the viewer stays where it is, and nobody else is slowed down for it.</summary>
    public bool IsMeasured { get; set; }

    /// <summary>What the viewer chose; the policy decides for <see cref="StreamChoice.Auto"/> alone, and goes on from what was taken before.</summary>
    public StreamChoice Choice
    {
        get;
        set
        {
            field = value;
            if (value != StreamChoice.Auto)
                TakesSubstream = value == StreamChoice.Substream;
            (SlowSince, FastSince) = (null, null);
        }
    }

    /// <summary>What the policy decided, or the viewer.</summary>
    public bool TakesSubstream { get; internal set; }

    /// <summary>Since when its network has been too slow for the main stream; null while it is not.</summary>
    internal Instant? SlowSince { get; set; }

    /// <summary>Since when, on the substream, its network would have carried the main stream; null while it would not.</summary>
    internal Instant? FastSince { get; set; }

    /// <summary>When it went to the main stream last.</summary>
    internal Instant? WentUp { get; set; }

    /// <summary>How long its network must have been fast enough until it goes to the main stream; longer after each time that proved wrong.</summary>
    internal TimeSpan Probation { get; set; } = BitratePolicy.NewcomersProbation;
}
