namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>A line as it is at one moment, for whoever is not in the device loop.</summary>
/// <param name="Value">Null: nobody knows.</param>
/// <param name="Interlock">Lines that are never on with it.</param>
internal sealed record GpioLineState(
    GpioLineOptions Options, bool? Value, DateTimeOffset? ChangedAt, DeviceFault? Fault, TimeSpan? PulseEndsIn, IReadOnlyList<string> Interlock);
