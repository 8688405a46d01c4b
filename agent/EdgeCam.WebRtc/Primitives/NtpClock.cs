namespace EdgeCam.WebRtc.Primitives;

/// <summary>Translates the monotonic clock to wall-clock time by one anchor that the shell measured.</summary>
public sealed record NtpClock(Instant Anchor, NtpTime AtAnchor)
{
    public NtpTime At(Instant instant) => AtAnchor + (instant - Anchor);
}
