using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Streaming;

/// <summary>
/// One encoder and many networks: from the estimates of all of a camera's viewers, the bitrate of the main stream and of the substream, and
/// who takes which. Pure: it is told the time, and touches no stream.
/// </summary>
/// <remarks>
/// <para>A viewer's share is 90 % of its estimate; the rest is for packet headers, retransmissions and probing whether there is more.</para>
/// <para>The middle viewer is the one in the middle of all who could carry the main stream at its least (of two the faster one). Healthy is
/// who has at least 60 % of the middle viewer's share: the slowest of the healthy ones sets the main bitrate, so that none of them loses a
/// picture and nobody slows the others down by more than that. The rest take the substream, whose bitrate the slowest of them sets, or,
/// where there is none, lose pictures.</para>
/// <para>In time: bitrates fall at once and rise by a quarter a second. A viewer goes to the substream after one second of being too slow,
/// at once where it has not half of what it needs; it goes back after five seconds with a fifth to spare, and waits twice as long (up to a
/// minute) each time it has to go down again within twenty seconds. Who comes new beside others begins with the substream where its guessed
/// estimate is too low, and goes up after two seconds. A viewer that chose its stream itself keeps it.</para>
/// </remarks>
internal sealed class BitratePolicy(BitrateLimits limits)
{
    public static readonly TimeSpan NewcomersProbation = TimeSpan.FromSeconds(2);
    public static readonly TimeSpan ShortestProbation = TimeSpan.FromSeconds(5);

    private const double Share = 0.9;
    private const double Healthy = 0.6;
    private const double Spare = 1.2;
    private const double Noise = 0.03; // smaller changes are not worth one
    private const double Rise = 1.25;

    private static readonly TimeSpan s_longestProbation = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_riseInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_relapse = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_settled = TimeSpan.FromMinutes(1);

    private readonly List<long> _shares = [];
    private readonly long _leastMain = limits.HasSubstream ? Math.Min(limits.LeastMain, limits.MostMain) : BitrateLimits.Least;
    private Instant _mainRises = new(long.MinValue);
    private Instant _substreamRises = new(long.MinValue);

    /// <summary>What the main encoder is to be set to.</summary>
    public long MainBitrate { get; private set; } = limits.MostMain;

    /// <summary>What the substream's encoder is to be set to.</summary>
    public long SubstreamBitrate { get; private set; } = limits.MostSubstream;

    /// <summary>The estimate from which on a viewer can have everything: probing for more is of no use.</summary>
    public long WantedEstimate { get; } = (long)(limits.MostMain / Share);

    /// <summary>To be called a few times a second, and when viewers come or go.</summary>
    public void Update(IReadOnlyList<ViewerDemand> viewers, Instant now)
    {
        var threshold = Threshold(viewers);
        for (var i = 0; i < viewers.Count; i++)
        {
            if (limits.HasSubstream && viewers[i] is { IsMeasured: true, Choice: StreamChoice.Auto })
                Choose(viewers[i], threshold, now);
        }

        MainBitrate = Next(MainBitrate, SlowestOf(viewers, substream: false, threshold), _leastMain, limits.MostMain, ref _mainRises, now);
        if (limits.HasSubstream)
        {
            SubstreamBitrate = Next(
                SubstreamBitrate, SlowestOf(viewers, substream: true, BitrateLimits.Least), BitrateLimits.Least, limits.MostSubstream, ref _substreamRises, now);
        }
    }

    /// <summary>What a viewer begins with that is not measured yet: the main stream, unless others hold that at more than it is thought to carry.</summary>
    public void Begin(ViewerDemand viewer, IReadOnlyList<ViewerDemand> others)
    {
        if (viewer.Choice != StreamChoice.Auto)
            return;
        var isMainHeld = false;
        for (var i = 0; i < others.Count; i++)
            isMainHeld |= others[i] != viewer && others[i].IsMeasured && !others[i].TakesSubstream;
        viewer.TakesSubstream = limits.HasSubstream && isMainHeld && ShareOf(viewer) < Threshold(others);
    }

    private static TimeSpan Longer(TimeSpan probation) =>
        probation < ShortestProbation ? ShortestProbation : probation * 2 < s_longestProbation ? probation * 2 : s_longestProbation;

    private static long ShareOf(ViewerDemand viewer) => viewer.Estimate >= long.MaxValue / 2 ? long.MaxValue / 2 : (long)(viewer.Estimate * Share);

    /// <summary>What a viewer's share must be to be healthy.</summary>
    private long Threshold(IReadOnlyList<ViewerDemand> viewers)
    {
        _shares.Clear();
        for (var i = 0; i < viewers.Count; i++)
        {
            var share = Math.Min(ShareOf(viewers[i]), limits.MostMain);
            if (viewers[i].IsMeasured && share >= _leastMain)
                _shares.Add(share);
        }

        if (_shares.Count == 0)
            return _leastMain;
        _shares.Sort();
        return Math.Max(_leastMain, (long)(_shares[_shares.Count / 2] * Healthy));
    }

    private static void Choose(ViewerDemand viewer, long threshold, Instant now)
    {
        var share = ShareOf(viewer);
        if (viewer.TakesSubstream)
        {
            viewer.FastSince = share >= threshold * Spare ? viewer.FastSince ?? now : null;
            if (viewer.FastSince is { } since && now - since >= viewer.Probation)
                (viewer.TakesSubstream, viewer.WentUp, viewer.FastSince, viewer.SlowSince) = (false, now, null, null);
            return;
        }

        if (viewer.WentUp is { } up && now - up > s_settled)
            (viewer.WentUp, viewer.Probation) = (null, ShortestProbation);
        viewer.SlowSince = share < threshold ? viewer.SlowSince ?? now : null;
        if (viewer.SlowSince is not { } slow || (now - slow < s_patience && share >= threshold / 2))
            return;
        if (viewer.WentUp is { } before && now - before < s_relapse)
            viewer.Probation = Longer(viewer.Probation);
        else if (viewer.WentUp is not null)
            viewer.Probation = ShortestProbation;
        (viewer.TakesSubstream, viewer.SlowSince, viewer.FastSince) = (true, null, null);
    }

    /// <summary>The share of the slowest viewer of a stream who has at least so much; null where there is none.</summary>
    private static long? SlowestOf(IReadOnlyList<ViewerDemand> viewers, bool substream, long least)
    {
        long? slowest = null;
        var isWatched = false;
        for (var i = 0; i < viewers.Count; i++)
        {
            if (viewers[i].TakesSubstream != substream || !viewers[i].IsMeasured)
                continue;
            isWatched = true;
            var share = ShareOf(viewers[i]);
            if (share >= least)
                slowest = Math.Min(slowest ?? share, share);
        }

        return slowest ?? (isWatched ? least : null);
    }

    private static long Next(long current, long? wanted, long least, long most, ref Instant rises, Instant now)
    {
        var target = Math.Clamp(wanted ?? most, least, most); // nobody is measured: nobody is slowed down
        if (target < current * (1 - Noise))
        {
            rises = now + s_riseInterval;
            return target;
        }

        if (now < rises || (target < current * (1 + Noise) && target != most) || target <= current)
            return current;
        rises = now + s_riseInterval;
        return Math.Min(target, (long)(current * Rise));
    }
}
