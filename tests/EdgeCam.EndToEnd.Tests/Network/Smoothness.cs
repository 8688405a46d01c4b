using System.Globalization;

namespace EdgeCam.EndToEnd.Tests.Network;

/// <summary>How smoothly the frames of a stretch of time came, by their arrival and by their numbers.</summary>
internal sealed class Smoothness(IReadOnlyList<SeenFrame> frames, DateTime from, DateTime to)
{
    public TimeSpan Length => to - from;

    public int Count => frames.Count;

    public double PerSecond => frames.Count / Length.TotalSeconds;

    /// <summary>The longest time without a new frame, the ends of the stretch included.</summary>
    public TimeSpan LongestGap => Gaps.DefaultIfEmpty(Length).Max();

    /// <summary>The same less what the camera itself paused between the two frames: a busy machine is not the network.</summary>
    public TimeSpan LongestStall => frames.Count < 2
        ? Length
        : frames.Zip(frames.Skip(1), (one, next) => next.Number == one.Number + 1 ? next.At - one.At - Pause(next.Captured - one.Captured) : next.At - one.At).Max();

    /// <summary>When <see cref="LongestGap"/> began, counted from the beginning of the stretch.</summary>
    public TimeSpan LongestGapAfter
    {
        get
        {
            var (at, after) = (TimeSpan.Zero, TimeSpan.Zero);
            foreach (var gap in Gaps)
            {
                if (gap == LongestGap)
                    after = at;
                at += gap;
            }

            return after;
        }
    }

    /// <summary>Frames of the camera between the first and the last that never came.</summary>
    public long Missing => frames.Count == 0 ? 0 : frames.Max(frame => frame.Number) - frames.Min(frame => frame.Number) + 1 - frames.Select(frame => frame.Number).Distinct().Count();

    /// <summary>
    /// The part of the time in which the picture stood still, as W3C's statistics define a freeze: a gap of three times the usual one
    /// or 150 ms more than it, whichever is longer, is frozen as a whole.
    /// </summary>
    public double FrozenFraction
    {
        get
        {
            if (frames.Count < 2)
                return 1;
            var usual = Length / frames.Count;
            var limit = usual * 3 > usual + TimeSpan.FromMilliseconds(150) ? usual * 3 : usual + TimeSpan.FromMilliseconds(150);
            return Gaps.Where(gap => gap >= limit).Sum(gap => gap.TotalSeconds) / Length.TotalSeconds;
        }
    }

    /// <summary>From capture to the decoded frame.</summary>
    public TimeSpan Latency(double quantile) =>
        frames.Count == 0 ? TimeSpan.MaxValue : frames.Select(frame => frame.Latency).Order().ElementAt(Math.Min(frames.Count - 1, (int)(frames.Count * quantile)));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{PerSecond:F1} frames/s, {Missing} missing, longest gap {LongestGap.TotalMilliseconds:F0} ms, frozen {FrozenFraction:P2}, latency {Latency(0.5).TotalMilliseconds:F0} ms (p95 {Latency(0.95).TotalMilliseconds:F0})");

    /// <summary>What two frames are apart more than at 15 a second.</summary>
    private static TimeSpan Pause(TimeSpan apart) => apart > TimeSpan.FromMilliseconds(67) ? apart - TimeSpan.FromMilliseconds(67) : TimeSpan.Zero;

    private IEnumerable<TimeSpan> Gaps
    {
        get
        {
            var last = from;
            foreach (var frame in frames)
            {
                yield return frame.At - last;
                last = frame.At;
            }

            yield return to - last;
        }
    }
}
