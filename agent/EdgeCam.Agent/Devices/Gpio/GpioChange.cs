namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>Something to tell of a line or a PWM output.</summary>
/// <param name="Name">The line's, or the output's where <paramref name="IsPwm"/>.</param>
/// <param name="Value">Null: nobody knows.</param>
/// <param name="IsEdge">It had the other value before.</param>
/// <param name="Fault">Why it is out of order; null where it is in order.</param>
internal sealed record GpioChange(
    string Name, bool IsPwm, bool? Value, double? Duty, DateTimeOffset At, bool IsEdge = false, GpioCause? Cause = null, TimeSpan? PulseEndsIn = null, DeviceFault? Fault = null);
