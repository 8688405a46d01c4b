namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>A value that a line shall have as soon as no interlock stands against it: the one from the start on, or the safe one.</summary>
internal readonly record struct GpioGoal(bool Value, GpioCause Cause);
