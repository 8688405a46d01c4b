namespace EdgeCam.Agent.Devices.Ptz.PelcoD;

/// <summary>What the numbers of Pelco-D mean for one head: speeds in steps, positions in hundredths of a degree, magnifications in 65535ths of the highest.</summary>
internal sealed class PelcoDScale(AxisLimits limits, bool isTiltUpwards)
{
    /// <summary>The zoom has four speeds.</summary>
    public const int ZoomSpeeds = 4;

    private const int Circle = 36_000;

    private readonly int _sign = (limits.IsInverted ? -1 : 1) * (limits.Axis == PtzAxis.Tilt && !isTiltUpwards ? -1 : 1);

    private int Steps => limits.Axis == PtzAxis.Zoom ? ZoomSpeeds : PelcoDFrame.TopSpeed;

    /// <summary>The nearest step; what moves at all has at least the first.</summary>
    /// <param name="velocity">Units in a second.</param>
    public int ToStep(double velocity)
    {
        if (velocity == 0)
            return 0;
        var step = Math.Clamp((int)Math.Round(Math.Abs(velocity) / limits.MaxSpeed * Steps), 1, Steps);
        return velocity > 0 != limits.IsInverted ? step : -step;
    }

    public double ToVelocity(int step) => (limits.IsInverted ? -step : step) * limits.MaxSpeed / Steps;

    public ushort ToRaw(double units)
    {
        if (limits.Axis == PtzAxis.Zoom)
        {
            return (ushort)Math.Round(Mirror(Math.Clamp(units, limits.Minimum, limits.Maximum)) / limits.Maximum * ushort.MaxValue);
        }

        var hundredths = (int)Math.Round(_sign * units * 100) % Circle;
        return (ushort)((hundredths + Circle) % Circle);
    }

    /// <summary>Of the turns that a direction may be, the one nearest to the middle of the axis.</summary>
    public double ToUnits(ushort raw)
    {
        if (limits.Axis == PtzAxis.Zoom)
            return Mirror(raw / (double)ushort.MaxValue * limits.Maximum);
        var middle = (limits.Minimum + limits.Maximum) / 2;
        var degrees = _sign * raw / 100.0;
        return degrees - (360 * Math.Round((degrees - middle) / 360));
    }

    private double Mirror(double magnification) => limits.IsInverted ? limits.Minimum + limits.Maximum - magnification : magnification;
}
