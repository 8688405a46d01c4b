namespace EdgeCam.Agent.Devices.Ptz.Visca;

/// <summary>What the numbers of VISCA mean for one axis: speeds in steps, positions in counts, zoom from wide to tele.</summary>
/// <param name="degrees">That one count is.</param>
/// <param name="tiltSpeeds">As the head has them.</param>
internal sealed class ViscaScale(AxisLimits limits, double degrees, int tiltSpeeds)
{
    private readonly int _sign = limits.IsInverted ? -1 : 1;

    public int Steps => limits.Axis switch
    {
        PtzAxis.Pan => ViscaPacket.PanSpeeds,
        PtzAxis.Tilt => tiltSpeeds,
        _ => ViscaPacket.ZoomSpeeds,
    };

    /// <summary>The nearest step; what moves at all has at least the first.</summary>
    public int ToStep(double velocity) =>
        velocity == 0 ? 0 : Math.Sign(velocity) * _sign * Math.Clamp((int)Math.Round(Math.Abs(velocity) / limits.MaxSpeed * Steps), 1, Steps);

    public double ToVelocity(int step) => _sign * step * limits.MaxSpeed / Steps;

    /// <summary>A fraction of the top speed, for a move to a position.</summary>
    public int ToSpeed(double fraction) => Math.Clamp((int)Math.Round(fraction * Steps), 1, Steps);

    public ushort ToRaw(double units)
    {
        if (limits.Axis != PtzAxis.Zoom)
            return (ushort)(short)Math.Clamp(Math.Round(_sign * units / degrees), short.MinValue, short.MaxValue);
        var way = Math.Clamp(limits.Normalise(units), 0, 1);
        return (ushort)Math.Round((limits.IsInverted ? 1 - way : way) * ViscaPacket.Tele);
    }

    public double ToUnits(ushort raw)
    {
        if (limits.Axis != PtzAxis.Zoom)
            return _sign * (short)raw * degrees;
        var way = Math.Min(1, raw / (double)ViscaPacket.Tele); // beyond it the camera's own digital zoom begins
        return limits.ToUnits(limits.IsInverted ? 1 - way : way);
    }
}
