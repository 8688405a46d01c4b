namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>Why a line has the value it has.</summary>
internal enum GpioCause
{
    /// <summary>The hardware itself: an edge of an input.</summary>
    Input,

    /// <summary>Somebody asked for it.</summary>
    Write,

    /// <summary>A pulse began or ended.</summary>
    Pulse,

    /// <summary>It was made safe, or taken anew after a fault.</summary>
    Safe,

    /// <summary>A rule of the configuration, such as the longest time it may be on.</summary>
    Interlock,
}
