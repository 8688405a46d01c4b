using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Tests.Support;

/// <summary>Pictures as a camera gives them, of bytes that mean nothing.</summary>
internal static class Pictures
{
    /// <summary>An IDR picture with parameter sets in front, or one slice. The caller gives it back.</summary>
    public static AccessUnit Make(AccessUnitPool pool, bool isIdr, int size = 3000, long number = 0)
    {
        var unit = pool.Rent();
        unit.IsIdr = isIdr;
        unit.Number = number;
        unit.CaptureTime = Diagnostics.MonotonicClock.Now;
        if (isIdr)
        {
            unit.AddNalUnit([0x67, 0x42, 0xE0, 0x1F, 1, 2, 3]);
            unit.AddNalUnit([0x68, 0xCE, 4, 5]);
        }

        var slice = new byte[size];
        slice.AsSpan().Fill(0x5A);
        slice[0] = isIdr ? (byte)0x65 : (byte)0x41;
        unit.AddNalUnit(slice);
        return unit;
    }
}
