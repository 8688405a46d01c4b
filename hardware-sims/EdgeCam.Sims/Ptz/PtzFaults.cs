namespace EdgeCam.Sims.Ptz;

/// <summary>What can be wrong with a head.</summary>
[Flags]
internal enum PtzFaults
{
    None = 0,
    NoReply = 1,
    StuckPan = 2,
    StuckTilt = 4,
    Garbage = 8,
}
