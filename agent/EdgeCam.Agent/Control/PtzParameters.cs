namespace EdgeCam.Agent.Control;

/// <summary>Parameters that several methods of <c>ptz</c> have.</summary>
internal static class PtzParameters
{
    public static readonly ControlParameter Camera = new("camera", ParameterKind.Text, "The camera that the head carries; the caller's own, or the only head, where left out.", Maximum: 32);
    public static readonly ControlParameter Sequence = new("seq", ParameterKind.Integer, "Rises with each of a viewer's commands over both channels; what is older than the newest seen is dropped.", Minimum: 0);
    public static readonly ControlParameter Speed = new("speed", ParameterKind.Number, "A fraction of the top speed, 1 where left out.", Minimum: 0, Maximum: 1);
    public static readonly ControlParameter Token = new("token", ParameterKind.Text, "As ptz.presets lists it.", IsRequired: true, 1, 16);

    public static IEnumerable<ControlParameter> Axes(string what, double least, double most, double leastZoom, double mostZoom) =>
    [
        new("pan", ParameterKind.Number, $"{what}; right is positive.", Minimum: least, Maximum: most),
        new("tilt", ParameterKind.Number, $"{what}; up is positive.", Minimum: least, Maximum: most),
        new("zoom", ParameterKind.Number, $"{what}; tele is positive.", Minimum: leastZoom, Maximum: mostZoom),
    ];
}
