namespace EdgeCam.Agent.Devices.Board;

/// <summary>What somebody has to do something about.</summary>
internal enum BoardCondition
{
    Hot,
    Throttled,
    UnderVoltage,
    DiskFull,
}
