namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>What became of something that was asked of a line or a PWM output.</summary>
/// <param name="Refusal">Null: it was done.</param>
/// <param name="Value">What the hardware took, or was read from it.</param>
/// <param name="Duty">The same of a PWM output.</param>
internal sealed record GpioOutcome(GpioRefusal? Refusal, bool? Value = null, double? Duty = null)
{
    public static GpioOutcome Refused(DeviceFault fault) => new(GpioRefusal.From(fault));
}
