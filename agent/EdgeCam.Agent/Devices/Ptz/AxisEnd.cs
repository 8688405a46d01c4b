namespace EdgeCam.Agent.Devices.Ptz;

internal enum AxisEnd
{
    Minimum,
    Maximum,
}
