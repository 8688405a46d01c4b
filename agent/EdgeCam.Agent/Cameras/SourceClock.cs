using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// A camera's own time by our clock: of the last seconds, the picture that was fastest on its way says how the clocks stand to each other. So
/// pictures keep the distances that the camera gave them, whatever the network did to them, and a clock that drifts or is set is followed.
/// </summary>
internal sealed class SourceClock
{
    /// <summary>A larger step is the camera's own: it set its clock, or was away.</summary>
    private static readonly TimeSpan s_jump = TimeSpan.FromSeconds(2);

    /// <summary>The last one to two of these are looked at.</summary>
    private static readonly TimeSpan s_span = TimeSpan.FromSeconds(5);

    /// <summary>Between pictures whose own times would have them in another order, or at once.</summary>
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(1);

    private TimeSpan? _least; // our time less the camera's, of this span
    private TimeSpan _before; // of the one before
    private Instant _since;
    private Instant? _last;

    /// <param name="time">The camera's.</param>
    /// <param name="now">When its picture came.</param>
    /// <returns>
    /// When it was taken, or as near to that as can be told: never later than now, and later than the one before (by a tick, where both came at
    /// once).
    /// </returns>
    public Instant At(TimeSpan time, Instant now)
    {
        Learn(new TimeSpan(now.Ticks) - time, now);
        var taken = new Instant((time + Offset(_least!.Value)).Ticks);
        if (_last is { } last)
        {
            taken = taken < last + s_step ? last + s_step : taken;
            taken = taken > now ? now : taken;
            taken = taken > last ? taken : last + TimeSpan.FromTicks(1);
        }

        _last = taken;
        return taken;
    }

    private void Learn(TimeSpan offset, Instant now)
    {
        if (_least is not { } least || (offset - Offset(least)).Duration() >= s_jump)
        {
            (_least, _before, _since) = (offset, offset, now);
        }
        else if (now - _since >= s_span)
        {
            (_least, _before, _since) = (offset, least, now);
        }
        else
        {
            _least = least < offset ? least : offset;
        }
    }

    private TimeSpan Offset(TimeSpan least) => least < _before ? least : _before;
}
