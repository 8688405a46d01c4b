namespace EdgeCam.Agent.Devices.Ptz;

internal enum PtzRefusalKind
{
    BadRequest,
    NotFound,
    OutOfRange,
    Held,

    /// <summary>The caller still holds what it held when the head was made safe.</summary>
    LetGo,

    Unavailable,
    Forbidden,
}
