using EdgeCam.WebRtc.H264;
using EdgeCam.WebRtc.Primitives;
using EdgeCam.WebRtc.Rtp;
using EdgeCam.WebRtc.Tests.H264;

namespace EdgeCam.WebRtc.Tests.Rtp;

/// <summary>Packetized frames of a chosen size, made from a pool that knows what is outstanding.</summary>
internal sealed class RtpTestFrames
{
    private readonly byte[] _slice = H264Samples.Slice([0x41], 300_000);
    private long _next;

    public AccessUnitPool Pool { get; } = new();

    /// <summary>A frame with one slice; an IDR picture begins with SPS and PPS.</summary>
    public AccessUnit Make(int sliceSize, bool isIdr, Instant captureTime)
    {
        var unit = Pool.Rent();
        unit.Number = _next++;
        unit.IsIdr = isIdr;
        unit.CaptureTime = captureTime;
        if (isIdr)
        {
            unit.AddNalUnit(H264Samples.BaselineSps);
            unit.AddNalUnit(H264Samples.BaselinePps);
        }

        _slice[0] = (byte)(isIdr ? 0x65 : 0x41);
        _slice[1] = (byte)unit.Number;
        unit.AddNalUnit(_slice.AsSpan(0, sliceSize));
        H264Packetizer.Packetize(unit, RtpLimits.MaxPayload);
        return unit;
    }
}
