namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>A PWM output as it is at one moment.</summary>
/// <param name="Duty">0 to 1; null: nobody knows.</param>
internal sealed record GpioPwmState(GpioPwmOptions Options, double? Duty, DateTimeOffset? ChangedAt, DeviceFault? Fault);
