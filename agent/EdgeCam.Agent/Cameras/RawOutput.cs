using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// Raw frames (planar YUV 4:2:0) from a camera that does not encode: each is read to where the encoder takes it from, encoded, and given on
/// before the next one is read. A frame that had to wait too long for its turn is dropped and counted: nothing queues here.
/// </summary>
internal sealed class RawOutput : ICameraOutput
{
    private const int LongestWaitMs = 250;
    private static readonly TimeSpan LongestLateness = TimeSpan.FromMilliseconds(100); // a busy machine's short absences are made up for
    private static readonly TimeSpan AtOnce = TimeSpan.FromMilliseconds(1); // a frame that comes so soon after the last was waiting

    private readonly EncoderOutput _main;
    private readonly SubstreamOutput? _sub;
    private readonly Func<Instant> _clock;
    private readonly DropCounters _drops;
    private readonly TimeSpan _interval;
    private int _plane;
    private int _filled; // bytes of the plane
    private long _frames;
    private Instant _begun; // when the frame's first byte was there for us
    private Instant _free; // when we were done with the last one
    private TimeSpan _late; // how long the frame has waited, as far as can be told
    private string? _fault;

    /// <exception cref="EncoderException">There is no encoder.</exception>
    public RawOutput(EncoderPlan plan, EncoderOutput main, SubstreamOutput? sub, Func<Instant> clock, DropCounters drops)
    {
        (_main, _sub, _clock, _drops) = (main, sub, clock, drops);
        _interval = TimeSpan.FromSeconds(1.0 / plan.Main.FrameRate);
        _free = _begun = clock();
    }

    public int WaitMs => LongestWaitMs;

    public long Pictures => _main.Pictures;

    public string? Fault => _fault ?? _main.Fault ?? _sub?.Fault;

    public bool Read(CameraProcess process)
    {
        if (_plane == 0 && _filled == 0)
            Begin();
        var plane = _main.Encoder.Plane(_plane, out _);
        var count = process.Read(plane[_filled..]);
        if (count == 0)
            return false;
        _filled += count;
        if (_filled < plane.Length)
            return true;
        (_plane, _filled) = ((_plane + 1) % 3, 0);
        if (_plane == 0)
            End();
        return true;
    }

    public void HandleIdle()
    {
    }

    public string? DescribeNonsense() => null;

    public void Dispose()
    {
        _sub?.Dispose();
        _main.Dispose();
    }

    /// <summary>
    /// Frames that wait for us follow one another at once; each of them has waited for as much longer than the one before as we took longer
    /// over that one than the camera.
    /// </summary>
    private void Begin()
    {
        var now = _clock();
        _late += now - _begun - _interval;
        if (_late < TimeSpan.Zero || now - _free > AtOnce)
            _late = TimeSpan.Zero;
        _begun = now;
    }

    private void End()
    {
        var isH264 = _frames++ == 0 && _main.Encoder.Plane(0, out _).StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 1]);
        if (isH264)
        {
            _fault = "The camera's process writes H.264, yet encoder is \"software\": let it write raw frames (--codec yuv420), or set encoder to \"camera\".";
        }
        else if (_late > LongestLateness)
        {
            _drops.Count(Stage.Capture, DropReason.EncoderLate);
        }
        else
        {
            Encode(_begun - _late);
        }

        _free = _clock();
    }

    private void Encode(Instant captureTime)
    {
        try
        {
            _main.Encode(captureTime);
            _sub?.Take(_main, captureTime);
        }
        catch (EncoderException failure)
        {
            _fault = failure.Message;
        }
    }
}
