using System.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>The one clock of the frame path: the system's monotonic clock in units of 100 ns. It never jumps.</summary>
internal static class MonotonicClock
{
    public static Instant Now => new(Stopwatch.GetElapsedTime(0).Ticks);

    /// <summary>Ties the monotonic clock to wall-clock time, as measured now.</summary>
    public static NtpClock ToNtp() => new(Now, NtpTime.FromUnixTime(DateTimeOffset.UtcNow));
}
