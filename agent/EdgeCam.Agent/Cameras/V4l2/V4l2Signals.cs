namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>What a wait ended with.</summary>
[Flags]
internal enum V4l2Signals
{
    /// <summary>The time was over.</summary>
    None = 0,

    /// <summary>A buffer is filled (POLLIN).</summary>
    Picture = 1,

    /// <summary>There is an event (POLLPRI).</summary>
    Event = 2,

    /// <summary>The stream has failed or the device is gone (POLLERR, POLLHUP, POLLNVAL).</summary>
    Fault = 4,

    /// <summary>A buffer can be written (POLLOUT).</summary>
    Room = 8,
}
