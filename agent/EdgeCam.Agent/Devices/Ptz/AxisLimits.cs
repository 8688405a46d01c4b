namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>
/// What an axis can do, and its normalised spaces as in the ONVIF PTZ service: pan and tilt from -1 to 1, zoom from 0 to 1, each linear
/// between the mechanical ends.
/// </summary>
/// <param name="Minimum">The mechanical end, in units: degrees or magnifications.</param>
/// <param name="SoftMinimum">Where it stops by itself.</param>
/// <param name="MaxSpeed">Units in a second.</param>
/// <param name="Acceleration">Units in a second, each second.</param>
internal sealed record AxisLimits(
    PtzAxis Axis, double Minimum, double Maximum, double SoftMinimum, double SoftMaximum, double MaxSpeed, double Acceleration, bool IsInverted = false)
{
    private const double StopSeconds = 0.08; // an emergency stop from top speed: within 100 ms, one turn of the loop included
    private const double EndTolerance = 0.002; // of the range

    /// <summary>In what runs set by <see cref="Take"/> alone, as the other soft end and the acceleration are.</summary>
    public double SoftMinimum { get; set; } = SoftMinimum;

    public double SoftMaximum { get; set; } = SoftMaximum;

    public double Acceleration { get; set; } = Acceleration;

    public double Range => Maximum - Minimum;

    /// <summary>The ramp of an emergency stop: at least twice as steep as the normal one.</summary>
    public double StopRate => Math.Max(2 * Acceleration, MaxSpeed / StopSeconds);

    /// <summary>Where an axis is taken to be as long as nobody knows: straight ahead, wide.</summary>
    public double Assumed => Clamp(Axis == PtzAxis.Zoom ? Minimum : 0);

    public double Normalise(double units) => Axis == PtzAxis.Zoom ? (units - Minimum) / Range : (2 * (units - Minimum) / Range) - 1;

    public double ToUnits(double normalised) => Axis == PtzAxis.Zoom ? Minimum + (normalised * Range) : Minimum + ((normalised + 1) / 2 * Range);

    /// <summary>Of a normalised displacement.</summary>
    public double ToDistance(double normalised) => normalised * (Axis == PtzAxis.Zoom ? Range : Range / 2);

    /// <summary>Between the soft ends.</summary>
    public double Clamp(double units) => Math.Clamp(units, SoftMinimum, SoftMaximum);

    public AxisEnd? EndAt(double units) =>
        units <= SoftMinimum + (Range * EndTolerance) ? AxisEnd.Minimum : units >= SoftMaximum - (Range * EndTolerance) ? AxisEnd.Maximum : null;

    /// <summary>Takes what others say of the soft ends and the acceleration; called by the axis' owner while it stands.</summary>
    public void Take(AxisLimits others) => (SoftMinimum, SoftMaximum, Acceleration) = (others.SoftMinimum, others.SoftMaximum, others.Acceleration);

    /// <summary>What the configuration says, and the defaults of this kind of head.</summary>
    public static AxisLimits From(PtzAxisOptions options, PtzAxis axis, PtzDriverKind kind)
    {
        var (minimum, maximum) = (axis, kind) switch
        {
            (PtzAxis.Pan, PtzDriverKind.Servo) => (-90.0, 90.0),
            (PtzAxis.Tilt, PtzDriverKind.Servo) => (-45.0, 45.0),
            (PtzAxis.Pan, _) => (-170.0, 170.0),
            (PtzAxis.Tilt, _) => (-30.0, 90.0),
            (_, PtzDriverKind.Digital) => (1.0, 4.0),
            _ => (1.0, 10.0),
        };
        (minimum, maximum) = (options.Minimum ?? minimum, options.Maximum ?? maximum);
        return new(
            axis, minimum, maximum, options.SoftMinimum ?? minimum, options.SoftMaximum ?? maximum,
            options.MaxSpeed ?? (axis == PtzAxis.Zoom ? 3 : 60), options.Acceleration ?? (axis == PtzAxis.Zoom ? 12 : 240), options.Invert);
    }
}
