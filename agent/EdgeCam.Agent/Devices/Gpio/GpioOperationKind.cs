namespace EdgeCam.Agent.Devices.Gpio;

internal enum GpioOperationKind
{
    Request,
    Set,
    Get,
}
