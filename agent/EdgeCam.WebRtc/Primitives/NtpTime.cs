namespace EdgeCam.WebRtc.Primitives;

/// <summary>Wall-clock time as RTP has it: 32.32 fixed-point seconds since 1 January 1900 (RFC 3550 §4).</summary>
public readonly record struct NtpTime(ulong Value)
{
    private const ulong UnixEpochInNtpSeconds = 2_208_988_800;

    /// <summary>The middle 32 bits, as LSR and DLSR use them (RFC 3550 §6.4.1): units of 1/65536 s.</summary>
    public uint Middle => (uint)(Value >> 16);

    public static NtpTime FromUnixTime(DateTimeOffset time)
    {
        var ticks = (ulong)(time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks);
        var seconds = (ticks / TimeSpan.TicksPerSecond) + UnixEpochInNtpSeconds;
        var fraction = ((ticks % TimeSpan.TicksPerSecond) << 32) / TimeSpan.TicksPerSecond;
        return new((seconds << 32) | fraction);
    }

    public static NtpTime operator +(NtpTime time, TimeSpan span) => new(time.Value + (ulong)ToFixedPoint(span));

    /// <summary>A span as 32.32 fixed-point seconds.</summary>
    private static long ToFixedPoint(TimeSpan span)
    {
        var seconds = span.Ticks / TimeSpan.TicksPerSecond;
        var rest = span.Ticks % TimeSpan.TicksPerSecond;
        return (seconds << 32) + ((rest << 32) / TimeSpan.TicksPerSecond);
    }
}
