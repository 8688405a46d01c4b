using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Recording;

/// <summary>
/// Whether ages can be told by the wall clock. A device that starts shows the time of its last shutdown, until the network has told it the right one: what it
/// recorded meanwhile would look days old at once. Belongs to one thread.
/// </summary>
internal sealed class ClockWatch(TimeProvider time, ILogger log)
{
    /// <summary>After a jump nothing is told by it for so long.</summary>
    public static readonly TimeSpan Doubt = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan s_jump = TimeSpan.FromMinutes(1);

    private TimeSpan _offset = DeviceClock.Offset(time);
    private long? _jumped;

    /// <summary>To be asked regularly: a jump is what the clock has gone since the last time.</summary>
    public bool IsSteady()
    {
        var offset = DeviceClock.Offset(time);
        var by = offset - _offset;
        _offset = offset;
        if (by.Duration() > s_jump)
        {
            _jumped = time.GetTimestamp();
            log.ClockJumped((long)by.TotalSeconds, (int)Doubt.TotalMinutes);
        }

        return DeviceClock.IsSet(time) && (_jumped is not { } jumped || time.GetElapsedTime(jumped) >= Doubt);
    }
}
