using System.Diagnostics;

namespace EdgeCam.Sims.Common;

/// <summary>
/// Paces frames by absolute deadlines, frame n at start + n / rate, so that an oversleep never adds up. A camera that falls behind makes
/// its late frames at once; further behind than a sensor's few buffers would hold, it drops frames and goes on with the current one.
/// </summary>
internal sealed class FrameClock(double frameRate, bool unpaced)
{
    private const double Buffered = 0.25; // seconds

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly DateTimeOffset _startTime = DateTimeOffset.UtcNow;

    public long Dropped { get; private set; }

    /// <summary>Waits until a frame is due.</summary>
    /// <returns>The frame that is due now: the one asked for, or a later one.</returns>
    public long WaitFor(long frame)
    {
        if (unpaced)
            return frame;
        var late = Stopwatch.GetElapsedTime(_start).TotalSeconds - (frame / frameRate);
        if (late > Math.Max(Buffered, 2 / frameRate))
        {
            var due = frame + (long)(late * frameRate);
            Dropped += due - frame;
            return due;
        }

        // Thread.Sleep rounds up to whole milliseconds: the last part is at most one late, and only for this frame.
        if (late < 0)
            Thread.Sleep(TimeSpan.FromMilliseconds(Math.Ceiling(-late * 1000)));
        return frame;
    }

    /// <summary>Wall-clock time for the picture.</summary>
    public DateTimeOffset CaptureTime(long frame) => unpaced ? _startTime + TimeSpan.FromSeconds(frame / frameRate) : DateTimeOffset.UtcNow;
}
