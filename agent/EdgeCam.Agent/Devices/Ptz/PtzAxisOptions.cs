using System.ComponentModel.DataAnnotations;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>An axis: pan and tilt in degrees (right and up are positive), zoom in magnifications from 1 on.</summary>
/// <param name="Minimum">The mechanical end, which is −1 in normalised space (0 for zoom).</param>
/// <param name="Maximum">The other one, which is 1.</param>
/// <param name="SoftMinimum">Where it stops before the mechanical end.</param>
/// <param name="MaxSpeed">Units in a second at velocity 1.</param>
/// <param name="Acceleration">Units in a second, each second.</param>
/// <param name="Channel">Servos: the output that moves it.</param>
/// <param name="MinPulse">Servos: microseconds at <paramref name="Minimum"/>.</param>
/// <param name="MaxPulse">Servos: microseconds at <paramref name="Maximum"/>.</param>
/// <param name="Trim">Servos: microseconds added to every pulse.</param>
internal sealed record PtzAxisOptions(
    bool Enabled = true,
    double? Minimum = null,
    double? Maximum = null,
    double? SoftMinimum = null,
    double? SoftMaximum = null,
    double? MaxSpeed = null,
    double? Acceleration = null,
    bool Invert = false,
    [property: Range(0, 15)] int? Channel = null,
    [property: Range(100, 5000)] int MinPulse = 1000,
    [property: Range(100, 5000)] int MaxPulse = 2000,
    [property: Range(-500, 500)] int Trim = 0);
