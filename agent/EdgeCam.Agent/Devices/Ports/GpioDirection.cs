namespace EdgeCam.Agent.Devices.Ports;

internal enum GpioDirection : byte
{
    Input,
    Output,
}
