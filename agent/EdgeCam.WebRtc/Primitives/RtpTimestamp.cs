namespace EdgeCam.WebRtc.Primitives;

/// <summary>An RTP timestamp in units of the media clock, 90 kHz for video (RFC 3550 §5.1, RFC 6184 §5.1).</summary>
public readonly record struct RtpTimestamp(uint Value)
{
    public const int VideoClockRate = 90_000;

    /// <summary>The timestamp of an instant on the 90 kHz clock, before the stream's random offset (RFC 3550 §5.1).</summary>
    public static RtpTimestamp FromInstant(Instant instant, uint offset) => FromTicks(TicksAt(instant), offset);

    /// <summary>The instant in ticks of the 90 kHz clock, of which a timestamp has the low 32 bits: they come again after 13 hours, the ticks never.</summary>
    public static long TicksAt(Instant instant) => instant.Ticks * 9 / 1000; // 90,000 per 10,000,000

    public static RtpTimestamp FromTicks(long ticks, uint offset) => new(unchecked((uint)ticks + offset));
}
