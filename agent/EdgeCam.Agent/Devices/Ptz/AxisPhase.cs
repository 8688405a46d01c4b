namespace EdgeCam.Agent.Devices.Ptz;

internal enum AxisPhase
{
    Rest,
    Going,
    Braking,
}
