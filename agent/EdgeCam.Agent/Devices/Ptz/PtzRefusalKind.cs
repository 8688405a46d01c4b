namespace EdgeCam.Agent.Devices.Ptz;

internal enum PtzRefusalKind
{
    BadRequest,
    NotFound,
    OutOfRange,
    Held,
    Unavailable,
    Forbidden,
}
