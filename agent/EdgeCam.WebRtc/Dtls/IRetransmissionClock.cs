namespace EdgeCam.WebRtc.Dtls;

/// <summary>
/// Reconciles libssl's retransmission timer, which reads the wall clock by itself, with the engine's time, which is given. libssl
/// retransmits only when its own timer has expired. It does so too whenever it is called with nothing to read after that; such a
/// retransmission is swallowed, so that the engine's time alone decides.
/// </summary>
internal interface IRetransmissionClock
{
    /// <summary>How long libssl's timer shall run for an interval of the engine's time; more than 15 ms.</summary>
    TimeSpan LibraryInterval(TimeSpan interval);

    /// <summary>The engine's deadline has passed, but libssl's timer has this much left.</summary>
    void AwaitLibrary(TimeSpan left);
}
