namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// A loop's promise: within which time it will be heard again. It is alive as long as it keeps its word, however badly what it does may go: a
/// camera that is looked for again and again is progress, a thread that waits for ever is not. Said by the loop, read by any thread; takes no
/// lock and allocates nothing.
/// </summary>
/// <param name="name">Of the loop, for people.</param>
/// <param name="time">Of which only the monotonic clock counts.</param>
internal sealed class Progress(string name, TimeProvider time)
{
    /// <summary>A longer promise is cut to this: who waits longer says so in pieces.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private const long Nothing = long.MaxValue;

    private long _due = Nothing;

    public string Name { get; } = name;

    /// <summary>The next sign of life comes within this time from now. Negative: it should have come already.</summary>
    public void Within(TimeSpan span)
    {
        var ticks = Math.Min(span.Ticks, Longest.Ticks);
        Volatile.Write(ref _due, time.GetTimestamp() + (long)(ticks * ((double)time.TimestampFrequency / TimeSpan.TicksPerSecond)));
    }

    /// <summary>Nothing is promised, as there is nothing to do: before the loop runs, while it waits for others, and when it has ended.</summary>
    public void Rest() => Volatile.Write(ref _due, Nothing);

    /// <summary>For how long its sign of life has been missing; null while no promise is broken.</summary>
    public TimeSpan? Overdue()
    {
        var due = Volatile.Read(ref _due);
        if (due == Nothing)
            return null;
        var by = time.GetElapsedTime(due);
        return by > TimeSpan.Zero ? by : null;
    }
}
