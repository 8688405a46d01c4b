using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// How long a frame has waited in the pipe until its reader came for it. Frames that wait follow one another at once; each of them has
/// waited for as much longer than the one before as the reader took longer over that one than the camera.
/// </summary>
internal sealed class FrameLateness(TimeSpan interval, Instant now)
{
    /// <summary>A busy machine's short absences are made up for; what is later is not worth the delay.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(1); // a frame that comes so soon after the last was waiting

    private Instant _begun = now;
    private Instant _free = now; // when the reader was done with the last one
    private TimeSpan _late;

    /// <summary>When the frame was there, as far as can be told: nearest to when the sensor took it.</summary>
    public Instant Arrival => _begun - _late;

    public bool IsTooLate => _late > Longest;

    /// <summary>The first byte of a frame is read.</summary>
    public void Begin(Instant now)
    {
        _late += now - _begun - interval;
        if (_late < TimeSpan.Zero || now - _free > AtOnce)
            _late = TimeSpan.Zero;
        _begun = now;
    }

    /// <summary>The reader is done with the frame.</summary>
    public void End(Instant now) => _free = now;
}
