namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>One axis of a head, in normalised positions.</summary>
/// <param name="Position">Null: not known yet.</param>
/// <param name="Minimum">The soft end.</param>
internal sealed record AxisStatus(PtzAxis Axis, double? Position, bool IsMoving, double Minimum, double Maximum, AxisEnd? AtEnd);
