using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Rtp;

/// <summary>
/// How long the viewer shall hold pictures back before it shows them: not at all, unless the path loses packets and is long. Then every
/// repair would be a visible pause, and a delay of little more than a round trip hides it. It grows at once, and shrinks when there was
/// no need of it for a while.
/// </summary>
internal sealed class PlayoutPolicy
{
    private const double NotableLoss = 0.01;
    private const double StepMilliseconds = 40;

    private static readonly TimeSpan s_longRoundTrip = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan s_detection = TimeSpan.FromMilliseconds(60); // the next picture shows that the last packet of one is missing
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_memory = TimeSpan.FromSeconds(10);

    private Instant _neededAt = Instant.Never;

    public TimeSpan Delay { get; private set; }

    /// <summary>Packets are lost, and what repairs one comes visibly later.</summary>
    public static bool IsLossyAndLong(double loss, TimeSpan roundTripTime) => loss > NotableLoss && roundTripTime > s_longRoundTrip;

    public void Update(double loss, TimeSpan roundTripTime, Instant now)
    {
        var needed = TimeSpan.Zero;
        if (IsLossyAndLong(loss, roundTripTime))
            needed = TimeSpan.FromMilliseconds(Math.Ceiling((roundTripTime + s_detection).TotalMilliseconds / StepMilliseconds) * StepMilliseconds);
        if (needed > s_longest)
            needed = s_longest;
        if (needed >= Delay)
            (Delay, _neededAt) = (needed, now);
        else if (now - _neededAt >= s_memory)
            (Delay, _neededAt) = (needed, now);
    }
}
