namespace EdgeCam.Agent.Devices.Ptz.Visca;

internal enum ViscaReply
{
    /// <summary>Nothing that is known.</summary>
    None,

    /// <summary>The chain has been counted, or commands under way have been forgotten.</summary>
    Network,

    /// <summary>A command has been taken, into a socket.</summary>
    Acknowledged,

    /// <summary>A command is done, its socket free.</summary>
    Completed,

    /// <summary>An inquiry's answer.</summary>
    Answer,

    Error,
}
