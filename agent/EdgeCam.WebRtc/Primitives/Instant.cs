namespace EdgeCam.WebRtc.Primitives;

/// <summary>A moment on the caller's monotonic clock, in units of 100 ns since an arbitrary epoch. Never wall-clock time.</summary>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    /// <summary>Later than every other instant: "no timeout pending".</summary>
    public static Instant Never => new(long.MaxValue);

    public static Instant operator +(Instant at, TimeSpan span) => at == Never ? Never : new(at.Ticks + span.Ticks);

    public static Instant operator -(Instant at, TimeSpan span) => at == Never ? Never : new(at.Ticks - span.Ticks);

    public static TimeSpan operator -(Instant later, Instant earlier) => new(later.Ticks - earlier.Ticks);

    public static bool operator <(Instant left, Instant right) => left.Ticks < right.Ticks;

    public static bool operator >(Instant left, Instant right) => left.Ticks > right.Ticks;

    public static bool operator <=(Instant left, Instant right) => left.Ticks <= right.Ticks;

    public static bool operator >=(Instant left, Instant right) => left.Ticks >= right.Ticks;

    public static Instant Min(Instant left, Instant right) => left < right ? left : right;

    public static Instant Max(Instant left, Instant right) => left > right ? left : right;

    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);
}
