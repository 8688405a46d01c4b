namespace EdgeCam.Agent.Devices.Guard;

internal enum GuardMessageKind : byte
{
    /// <summary>To the guard: hold this port.</summary>
    Open = 1,

    /// <summary>To the guard: write this.</summary>
    Write,

    /// <summary>To the guard: the devices are looked after, and know of so many trips.</summary>
    Beat,

    /// <summary>From the guard: the port is open, for the first time or again, and Start is written.</summary>
    Opened = 65,

    /// <summary>From the guard: the port is out of order.</summary>
    Fault,

    /// <summary>From the guard: a write that had a tag is done or failed.</summary>
    Reply,

    /// <summary>From the guard: this came by itself.</summary>
    Received,

    /// <summary>From the guard: everything is being made safe, and no write is taken until a beat knows of it.</summary>
    Tripped,

    /// <summary>From the guard: writes are taken.</summary>
    Armed,

    /// <summary>From the guard, in answer to beats: it looks after the ports.</summary>
    Alive,
}
