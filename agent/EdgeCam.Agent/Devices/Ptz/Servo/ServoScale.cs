namespace EdgeCam.Agent.Devices.Ptz.Servo;

/// <summary>The pulse that a servo has for a position: microseconds, linear between the ends.</summary>
internal sealed class ServoScale(AxisLimits limits, PtzAxisOptions options)
{
    /// <summary>Pulses a second.</summary>
    public const int Frequency = 50;

    public PtzAxis Axis => limits.Axis;

    /// <summary>The output that moves it.</summary>
    public int Channel => options.Channel ?? (int)limits.Axis;

    public double ToPulse(double units)
    {
        var way = (units - limits.Minimum) / limits.Range;
        return options.MinPulse + ((limits.IsInverted ? 1 - way : way) * (options.MaxPulse - options.MinPulse)) + options.Trim;
    }

    /// <summary>Where a servo is that has such a pulse; null where it cannot be one of ours.</summary>
    public double? ToUnits(double pulse)
    {
        var way = (pulse - options.Trim - options.MinPulse) / (options.MaxPulse - options.MinPulse);
        var units = limits.Minimum + ((limits.IsInverted ? 1 - way : way) * limits.Range);
        var slack = limits.Range / 100;
        return units >= limits.Minimum - slack && units <= limits.Maximum + slack ? Math.Clamp(units, limits.Minimum, limits.Maximum) : null;
    }

    public static ServoScale[] For(PtzOptions options, IReadOnlyList<AxisLimits> limits) => [.. limits.Select(axis => new ServoScale(axis, axis.Axis switch
    {
        PtzAxis.Pan => options.Pan,
        PtzAxis.Tilt => options.Tilt,
        _ => options.Zoom,
    }))];
}
