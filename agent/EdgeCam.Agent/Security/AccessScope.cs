namespace EdgeCam.Agent.Security;

/// <summary>What a token may allow, as the <c>scope</c> claim lists them in lower case.</summary>
[Flags]
internal enum AccessScope
{
    None = 0,

    /// <summary>Watch, and read what the device tells.</summary>
    View = 1,

    /// <summary>Move the camera.</summary>
    Ptz = 2,

    /// <summary>Switch lines.</summary>
    Gpio = 4,

    /// <summary>Record, and read recordings.</summary>
    Record = 8,

    /// <summary>Change the device itself; also takes control over from others.</summary>
    Manage = 16,

    All = View | Ptz | Gpio | Record | Manage,
}
