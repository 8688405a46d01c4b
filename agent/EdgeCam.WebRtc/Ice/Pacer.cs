using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.WebRtc.Ice;

/// <summary>
/// Spaces new transactions by Ta (RFC 8445 §14.2). The first goes at once. A triggered check does not wait for its turn, but whoever is
/// next waits for it: the rate stays bounded and a browser that is already there is answered without delay.
/// </summary>
internal sealed class Pacer(Instant start)
{
    public static TimeSpan Interval => TimeSpan.FromMilliseconds(50);

    public Instant NextAt { get; private set; } = start;

    public bool IsDue(Instant now) => now >= NextAt;

    public void HandleStarted(Instant now) => NextAt = now + Interval;
}
