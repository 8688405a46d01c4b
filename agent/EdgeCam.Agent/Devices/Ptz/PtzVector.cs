namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>A value for each axis: a position, a velocity, a displacement. Null: nothing is said of that axis.</summary>
internal readonly record struct PtzVector(double? Pan = null, double? Tilt = null, double? Zoom = null)
{
    public bool IsEmpty => (Pan ?? Tilt ?? Zoom) is null;

    public double? this[PtzAxis axis] => axis switch
    {
        PtzAxis.Pan => Pan,
        PtzAxis.Tilt => Tilt,
        _ => Zoom,
    };

    public PtzVector With(PtzAxis axis, double? value) => axis switch
    {
        PtzAxis.Pan => this with { Pan = value },
        PtzAxis.Tilt => this with { Tilt = value },
        _ => this with { Zoom = value },
    };
}
