using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// A camera's own time by our clock: the picture that was fastest on its way says how the clocks stand to each other. So pictures keep the
/// distances that the camera gave them, whatever the network did to them.
/// </summary>
internal sealed class SourceClock
{
    /// <summary>How far clocks of crystals drift apart, and more.</summary>
    private const double Drift = 0.0002;

    /// <summary>A larger step is the camera's own: it set its clock, or was away.</summary>
    private static readonly TimeSpan s_jump = TimeSpan.FromSeconds(2);

    private TimeSpan? _offset;
    private Instant _last;

    /// <param name="time">The camera's.</param>
    /// <param name="now">When its picture came.</param>
    /// <returns>When it was taken, or as near to that as can be told: never later than now.</returns>
    public Instant At(TimeSpan time, Instant now)
    {
        var offset = new TimeSpan(now.Ticks) - time;
        if (_offset is { } known && (offset - known).Duration() < s_jump)
        {
            known += (now - _last) * Drift;
            _offset = known < offset ? known : offset;
        }
        else
        {
            _offset = offset;
        }

        _last = now;
        return new((time + _offset.Value).Ticks);
    }
}
