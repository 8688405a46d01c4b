namespace EdgeCam.Agent.Cameras;

/// <summary>
/// How long to wait before the next start: half a second at most at first, so that a camera that was killed is back at once, then twice as
/// long each time up to ten seconds, with jitter so that several cameras do not start together.
/// </summary>
/// <param name="random">A number from 0 up to 1.</param>
/// <param name="longest">Instead of the ten seconds, where an attempt costs little.</param>
internal sealed class RestartBackoff(Func<double> random, TimeSpan? longest = null)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>A camera that gave pictures for so long is healthy: its next failure is a first one.</summary>
    public static readonly TimeSpan Healthy = TimeSpan.FromSeconds(30);

    private readonly TimeSpan _longest = longest ?? Longest;
    private int _failures;

    /// <param name="live">How long it gave pictures.</param>
    public TimeSpan Next(TimeSpan live)
    {
        _failures = live >= Healthy ? 0 : _failures;
        var full = Math.Min(First.TotalSeconds * Math.Pow(2, _failures), _longest.TotalSeconds);
        _failures = Math.Min(_failures + 1, 16);
        return TimeSpan.FromSeconds(full * (0.5 + (0.5 * random())));
    }
}
