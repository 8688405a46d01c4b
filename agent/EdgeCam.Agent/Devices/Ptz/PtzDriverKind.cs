namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>What kind of head it is: defaults of the axes go by it.</summary>
internal enum PtzDriverKind
{
    /// <summary>A head with motors and electronics of its own, at the end of a serial line.</summary>
    Serial,

    Servo,

    /// <summary>A region of the picture.</summary>
    Digital,
}
