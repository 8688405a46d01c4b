namespace EdgeCam.WebRtc.Dtls;

/// <summary>The engine's time passes as the wall clock does: both timers run the same interval, and libssl's ends some 15 ms earlier.</summary>
internal sealed class WallClock : IRetransmissionClock
{
    public TimeSpan LibraryInterval(TimeSpan interval) => interval;

    /// <summary>Only after somebody set the clock back; the transport then asks again later.</summary>
    public void AwaitLibrary(TimeSpan left)
    {
    }
}
