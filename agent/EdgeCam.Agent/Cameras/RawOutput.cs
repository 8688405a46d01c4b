using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>
/// Raw frames (planar YUV 4:2:0) from a camera that does not encode: each is read to where the encoder takes it from, encoded, and given on
/// before the next one is read. A frame that had to wait too long for its turn is dropped and counted: nothing queues here.
/// </summary>
/// <param name="encoders">They are disposed with this.</param>
internal sealed class RawOutput(EncoderPlan plan, AgentEncoders encoders, Func<Instant> clock, DropCounters drops) : ICameraOutput
{
    private const int LongestWaitMs = 250;

    private readonly FrameLateness _lateness = new(TimeSpan.FromSeconds(1.0 / plan.Main.FrameRate), clock());
    private int _plane;
    private int _filled; // bytes of the plane
    private long _frames;
    private string? _fault;

    public int WaitMs => LongestWaitMs;

    public long Pictures => encoders.Pictures;

    public string? Fault => _fault ?? encoders.Failure ?? encoders.Fault;

    public bool Read(CameraProcess process)
    {
        if (_plane == 0 && _filled == 0 && !TryBegin())
            return true;
        var plane = encoders.Main.Plane(_plane, out _);
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

    public void Dispose() => encoders.Dispose();

    private bool TryBegin()
    {
        _lateness.Begin(clock());
        return encoders.TryBegin();
    }

    private void End()
    {
        var isH264 = _frames++ == 0 && encoders.Main.Plane(0, out _).StartsWith((ReadOnlySpan<byte>)[0, 0, 0, 1]);
        if (isH264)
            _fault = "The camera's process writes H.264, yet the agent is to encode: let it write raw frames (--codec yuv420), or set encoder to \"camera\".";
        else if (_lateness.IsTooLate)
            drops.Count(Stage.Capture, DropReason.EncoderLate);
        else
            encoders.Encode(_lateness.Arrival);
        _lateness.End(clock());
    }
}
