namespace EdgeCam.Agent.Devices.Ports;

/// <summary>The bias of an input.</summary>
internal enum GpioPull : byte
{
    None,
    Up,
    Down,
}
