namespace EdgeCam.Agent.Devices.Gpio;

internal enum GpioRefusalKind
{
    /// <summary>The hardware does not do it now.</summary>
    Unavailable,

    /// <summary>A rule of the configuration forbids it as things are.</summary>
    Interlocked,

    /// <summary>More often than it may be.</summary>
    TooMany,

    /// <summary>An input cannot be switched.</summary>
    IsInput,
}
