namespace EdgeCam.WebRtc.Sctp;

/// <summary>RTO (RFC 9260 §6.3.1).</summary>
/// <remarks>
/// RTO.Min is 400 ms instead of 1 s, as dcsctp has it: more than a round trip and the peer's delayed SACK (200 ms), and a lost control
/// message is repaired while the hand is still on the joystick. RTO.Max is 3 s instead of 60 s: after an outage the peer is reached
/// within seconds, and the path is known dead (10 attempts, 24 s) before ICE consent expires at 30 s.
/// </remarks>
internal sealed class RetransmissionTimeout
{
    private static readonly TimeSpan s_initial = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_minimum = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan s_maximum = TimeSpan.FromSeconds(3);

    private TimeSpan _variation;

    public TimeSpan Current { get; private set; } = s_initial;

    /// <summary>SRTT, or null before the first measurement.</summary>
    public TimeSpan? SmoothedRoundTrip { get; private set; }

    /// <summary>Takes a round trip of a chunk that was sent once (Karn's rule, C5).</summary>
    public void Measure(TimeSpan roundTrip)
    {
        if (roundTrip < TimeSpan.Zero)
            return;
        if (SmoothedRoundTrip is { } smoothed)
        {
            _variation = (_variation * 0.75) + ((smoothed - roundTrip).Duration() * 0.25); // RTO.Beta = 1/4
            SmoothedRoundTrip = (smoothed * 0.875) + (roundTrip * 0.125); // RTO.Alpha = 1/8
        }
        else
        {
            SmoothedRoundTrip = roundTrip;
            _variation = roundTrip / 2;
        }

        Current = Clamp(SmoothedRoundTrip.Value + (_variation * 4));
    }

    /// <summary>E2: doubles after an expiration.</summary>
    public void BackOff() => Current = Clamp(Current * 2);

    private static TimeSpan Clamp(TimeSpan value) => value < s_minimum ? s_minimum : value > s_maximum ? s_maximum : value;
}
