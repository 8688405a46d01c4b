namespace EdgeCam.Agent.Security;

/// <summary>
/// When something that was accepted ends, on the monotonic clock: what is left is counted from then on, and a wall clock that is put right, by
/// a second or by years, neither ends it nor makes it last for ever.
/// </summary>
/// <param name="Timestamp">Of the <see cref="TimeProvider"/> that it was made with.</param>
internal readonly record struct Deadline(long Timestamp)
{
    public static Deadline After(TimeSpan span, TimeProvider time) =>
        new(time.GetTimestamp() + (long)(span.Ticks * ((double)time.TimestampFrequency / TimeSpan.TicksPerSecond)));

    /// <summary>Negative where it is over.</summary>
    public TimeSpan Left(TimeProvider time) => time.GetElapsedTime(time.GetTimestamp(), Timestamp);

    public bool IsOver(TimeProvider time) => time.GetTimestamp() >= Timestamp;
}
