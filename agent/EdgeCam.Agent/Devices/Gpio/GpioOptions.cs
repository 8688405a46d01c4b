using Microsoft.Extensions.Options;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>Lines and PWM outputs that may be touched; there are no others.</summary>
/// <param name="Chip">The chip of lines that name none.</param>
internal sealed record GpioOptions(string Chip = "/dev/gpiochip0", GpioLineOptions[]? Lines = null, GpioPwmOptions[]? Pwm = null, GpioInterlockOptions[]? Interlocks = null)
{
    public string Chip { get; init => field = value ?? "/dev/gpiochip0"; } = Chip ?? "/dev/gpiochip0";

    [ValidateEnumeratedItems]
    public GpioLineOptions[] Lines { get; init => field = value ?? []; } = Lines ?? [];

    [ValidateEnumeratedItems]
    public GpioPwmOptions[] Pwm { get; init => field = value ?? []; } = Pwm ?? [];

    public GpioInterlockOptions[] Interlocks { get; init => field = value ?? []; } = Interlocks ?? [];
}
