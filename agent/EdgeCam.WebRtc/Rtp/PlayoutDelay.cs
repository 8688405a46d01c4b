namespace EdgeCam.WebRtc.Rtp;

/// <summary>The playout-delay header extension: bounds for the receiver's own delay, in steps of 10 ms up to 40.95 s.</summary>
public readonly record struct PlayoutDelay(TimeSpan Minimum, TimeSpan Maximum)
{
    /// <summary>12 bits each, as the extension has them.</summary>
    internal int ToBits() => (ToSteps(Minimum) << 12) | ToSteps(Maximum);

    private static int ToSteps(TimeSpan delay) => (int)Math.Clamp(delay.TotalMilliseconds / 10, 0, 0xFFF);
}
