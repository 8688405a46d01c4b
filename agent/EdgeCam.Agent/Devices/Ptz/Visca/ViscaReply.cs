namespace EdgeCam.Agent.Devices.Ptz.Visca;

internal enum ViscaReply
{
    /// <summary>Nothing that is known.</summary>
    None,

    /// <summary>The chain has been counted, or commands under way have been forgotten.</summary>
    Network,

    /// <summary>A camera of the chain has got power, or the chain has changed: nobody has an address any more.</summary>
    PowerOn,

    /// <summary>A command has been taken, into a socket.</summary>
    Acknowledged,

    /// <summary>A command is done, its socket free.</summary>
    Completed,

    /// <summary>An inquiry's answer.</summary>
    Answer,

    Error,
}
