namespace EdgeCam.Sims.World;

/// <summary>Degrees, and the lens from 0 to 1.</summary>
internal readonly record struct HeadPosition(double Pan, double Tilt, double Zoom);
