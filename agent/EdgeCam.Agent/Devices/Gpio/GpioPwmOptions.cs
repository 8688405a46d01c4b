using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>A PWM output: a dimmer, a fan.</summary>
/// <param name="Source"><c>pwm:/sys/class/pwm/pwmchip0?channel=0</c>.</param>
/// <param name="Frequency">Hertz.</param>
/// <param name="Initial">Per cent of each period, from the start on.</param>
/// <param name="Safe">Per cent, when the agent ends, hangs or is told to be safe.</param>
internal sealed record GpioPwmOptions(
    [property: Word("a-z0-9-", 32, First = "a-z0-9", ErrorMessage = "{0} must be 1 to 32 characters of a-z, 0-9 and '-', beginning with a letter or digit")] string Name,
    string Source,
    [property: StringLength(64, ErrorMessage = "{0} must be at most 64 characters")] string? Label = null,
    [property: Range(1, 100_000)] int Frequency = 1000,
    [property: Range(0, 100)] int Initial = 0,
    [property: Range(0, 100)] int Safe = 0,
    [property: OneOf("gpio", "manage")] string Scope = "gpio");
