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

    private readonly EncoderOutput _main;
    private readonly SubstreamOutput? _sub;
    private readonly PictureCutter? _cutter;
    private readonly Func<Instant> _clock;
    private readonly DropCounters _drops;
    private readonly FrameLateness _lateness;
    private int _plane;
    private int _filled; // bytes of the plane
    private long _frames;
    private string? _fault;

    /// <param name="cutter">Null: pictures are encoded whole.</param>
    public RawOutput(EncoderPlan plan, EncoderOutput main, SubstreamOutput? sub, Func<Instant> clock, DropCounters drops, PictureCutter? cutter = null)
    {
        (_main, _sub, _clock, _drops, _cutter) = (main, sub, clock, drops, cutter);
        _lateness = new(TimeSpan.FromSeconds(1.0 / plan.Main.FrameRate), clock());
    }

    public int WaitMs => LongestWaitMs;

    public long Pictures => _main.Pictures;

    public string? Fault => _fault ?? _main.Fault ?? _sub?.Fault;

    public bool Read(CameraProcess process)
    {
        if (_plane == 0 && _filled == 0 && !TryBegin())
            return true;
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
        _cutter?.Dispose();
        _sub?.Dispose();
        _main.Dispose();
    }

    private bool TryBegin()
    {
        _lateness.Begin(_clock());
        try
        {
            _main.Encoder.Begin();
            return true;
        }
        catch (EncoderException failure)
        {
            _fault = failure.Message;
            return false;
        }
    }

    private void End()
    {
        var isH264 = _frames++ == 0 && _main.Encoder.Plane(0, out _).StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 1]);
        if (isH264)
        {
            _fault = "The camera's process writes H.264, yet encoder is \"software\": let it write raw frames (--codec yuv420), or set encoder to \"camera\".";
        }
        else if (_lateness.IsTooLate)
        {
            _drops.Count(Stage.Capture, DropReason.EncoderLate);
        }
        else
        {
            Encode(_lateness.Arrival);
        }

        _lateness.End(_clock());
    }

    private void Encode(Instant captureTime)
    {
        try
        {
            _cutter?.Cut(_main.Encoder);
            _main.Encode(captureTime);
            if (_main.Pictures > 0)
                _cutter?.Begin();
            _sub?.Take(_main, captureTime);
        }
        catch (EncoderException failure)
        {
            _fault = failure.Message;
        }
    }
}
