namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>Why a line or PWM output does not do what was asked.</summary>
/// <param name="What">For people, as a sentence without full stop.</param>
/// <param name="After">When it is possible again, where that is known.</param>
internal sealed record GpioRefusal(GpioRefusalKind Kind, string What, string Remedy, TimeSpan? After = null)
{
    public static GpioRefusal From(DeviceFault fault) => new(GpioRefusalKind.Unavailable, fault.What, fault.Remedy);
}
