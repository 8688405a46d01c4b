namespace EdgeCam.Agent.Devices.Ptz;

internal enum PtzAxis
{
    Pan,
    Tilt,
    Zoom,
}
