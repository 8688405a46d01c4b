using System.Diagnostics;

namespace EdgeCam.Sims.Common;

/// <summary>The kernel's CLOCK_MONOTONIC in nanoseconds, which is what GPIO edge events carry and what the whole machine shares.</summary>
internal static class MonotonicClock
{
    public const long Millisecond = 1_000_000;
    public const long Second = 1_000_000_000;

    /// <summary>On Linux the stopwatch reads this very clock and counts nanoseconds.</summary>
    public static long Now => Stopwatch.GetTimestamp() * (Second / Stopwatch.Frequency);
}
