namespace EdgeCam.Sims.World;

/// <summary>Where the camera looks, in degrees (right and up positive) and as a factor, and which lamps are lit.</summary>
/// <param name="HasLamps">Whether any GPIO chip is wired to the lamps at all.</param>
internal readonly record struct WorldView(double Pan, double Tilt, double Zoom, uint Lamps, bool HasLamps);
