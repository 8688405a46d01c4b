using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>One run of a node that streams: waits for its buffers, lends each to what makes pictures of it, and gives it back. Belongs to the camera's thread.</summary>
/// <param name="node">It, and the pictures, are disposed with this.</param>
internal sealed class V4l2Stream(
    CameraOptions options, string path, IV4l2Node node, bool isLoopback, IV4l2Pictures pictures, IV4l2System system, Func<Instant> clock, DropCounters drops) : IDisposable
{
    private const int WaitMs = 250;
    private const int Buffered = 8; // more than a driver has buffers: it must end

    /// <summary>After STREAMON a USB camera takes a second or two to its first picture.</summary>
    private static readonly TimeSpan s_startTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Older than that, a driver's time cannot be true: a picture waits in four buffers at most.</summary>
    private static readonly TimeSpan s_oldest = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_emptyWake = TimeSpan.FromMilliseconds(2);

    private Instant _lastBuffer = clock();
    private Instant? _firstPicture;
    private uint? _sequence;

    public bool IsLoopback => isLoopback;

    public IV4l2Pictures Pictures => pictures;

    /// <summary>How long it has given pictures.</summary>
    public TimeSpan Live => _firstPicture is { } first ? clock() - first : TimeSpan.Zero;

    /// <summary>Waits for one buffer at most, a quarter of a second at most, and gives on what is in it.</summary>
    /// <returns>Why it is over; null while it is not.</returns>
    /// <exception cref="V4l2Exception">A call failed: it is over.</exception>
    public V4l2Ending? Turn()
    {
        pictures.Prepare(clock());
        var signals = node.Wait(WaitMs);
        if (signals.HasFlag(V4l2Signals.Event) && Judge(node.TakeEvents()) is { } change)
            return change;
        var isTaken = signals != V4l2Signals.None && node.TryTake(out var frame) && Take(frame);
        if (!isTaken && signals.HasFlag(V4l2Signals.Fault))
            return V4l2Faults.PollFailed(path);
        if (!isTaken && signals != V4l2Signals.None)
            system.Pause(s_emptyWake, CancellationToken.None); // a driver that wakes for nothing must not keep a core busy
        return Judge();
    }

    public void Dispose()
    {
        node.Dispose();
        pictures.Dispose();
    }

    private V4l2Ending? Judge(V4l2Events events) =>
        events.HasFlag(V4l2Events.SourceChanged) ? V4l2Faults.SourceChanged(path) : events.HasFlag(V4l2Events.Ended) ? V4l2Faults.Ended(path) : null;

    private V4l2Ending? Judge()
    {
        var now = clock();
        var patience = TimeSpan.FromSeconds(options.StallTimeoutSeconds);
        if (_firstPicture is null && patience < s_startTimeout)
            patience = s_startTimeout;
        var isStalled = now - _lastBuffer > patience; // which says more than that no picture came of it
        return pictures.Judge(now, isStalled ? TimeSpan.MaxValue : patience) ?? (isStalled ? V4l2Faults.Stalled(path, patience) : null);
    }

    private bool Take(V4l2Frame frame)
    {
        var now = clock();
        CountMissed(frame.Sequence);
        for (var i = 0; i < Buffered && pictures.TakesLatestOnly && node.TryTake(out var newer); i++) // each that is encoded late makes all that follow late
        {
            node.GiveBack(frame);
            drops.Count(Stage.Capture, DropReason.EncoderLate);
            frame = newer;
            CountMissed(frame.Sequence);
        }

        if (frame.IsDamaged || frame.Length == 0)
        {
            drops.Count(Stage.Capture, DropReason.Damaged);
            pictures.HandleGap();
        }
        else
        {
            _lastBuffer = now;
            pictures.Read(frame, Stamp(frame.CapturedAt, now), now);
            if (_firstPicture is null && pictures.Pictures > 0)
                _firstPicture = clock();
        }

        node.GiveBack(frame);
        return true;
    }

    /// <summary>The driver's time where it is by our clock (CLOCK_MONOTONIC, V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC) and can be true; else when it came.</summary>
    private static Instant Stamp(Instant? capturedAt, Instant now) => capturedAt is { } at && at <= now && now - at <= s_oldest ? at : now;

    private void CountMissed(uint sequence)
    {
        if (_sequence is { } last && sequence > last + 1) // some drivers do not count, some begin anew
        {
            drops.Count(Stage.Capture, DropReason.Missed, sequence - last - 1);
            pictures.HandleGap();
        }

        _sequence = sequence;
    }
}
