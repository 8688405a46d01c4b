namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>Why a head's status is told. The later of two is told where both happen at once.</summary>
internal enum PtzChange
{
    Moved,
    Preset,
    Lease,
    End,
    Stopped,
    DeadMan,
    Fault,
}
