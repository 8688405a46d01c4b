namespace EdgeCam.Agent.Diagnostics;

/// <summary>How long something takes, in classes of a millisecond up to half a second. Written by one thread, read by any; allocates nothing.</summary>
internal sealed class DelayHistogram
{
    private const int Classes = 512;

    private readonly long[] _counts = new long[Classes];
    private long _count;

    public long Count => Volatile.Read(ref _count);

    public void Add(TimeSpan delay)
    {
        ref var count = ref _counts[Math.Clamp((int)delay.TotalMilliseconds, 0, Classes - 1)];
        Volatile.Write(ref count, count + 1);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The delay below which a share of all lies, to the millisecond above; zero where there is none.</summary>
    public TimeSpan Quantile(double share)
    {
        var rest = (long)Math.Ceiling(Count * share);
        for (var i = 0; i < Classes && rest > 0; i++)
        {
            rest -= Volatile.Read(ref _counts[i]);
            if (rest <= 0)
                return TimeSpan.FromMilliseconds(i + 1);
        }

        return TimeSpan.Zero;
    }
}
