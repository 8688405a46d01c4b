namespace EdgeCam.Agent.Devices.Ports;

internal enum PortState
{
    Opening,
    Open,

    /// <summary>It could not be opened, or an operation failed; it is tried again with back-off.</summary>
    Fault,
}
