namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>How long until what failed is tried again: half a second, and twice as long after each further failure, up to 30 s.</summary>
internal sealed class RetryDelay
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(30);

    private TimeSpan _next = First;

    public TimeSpan Next()
    {
        var delay = _next;
        _next = TimeSpan.FromTicks(Math.Min(_next.Ticks * 2, s_longest.Ticks));
        return delay;
    }

    public void Reset() => _next = First;
}
