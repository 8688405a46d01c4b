using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>A line that viewers with the scope may see and, where it is an output, switch.</summary>
/// <param name="Offset">Its number on the chip.</param>
/// <param name="Label">For people; null shows the name.</param>
/// <param name="Chip">Null: that of the section above.</param>
/// <param name="Initial">Value of an output from the start on, logical.</param>
/// <param name="Safe">Value of an output when the agent ends, hangs or is told to be safe.</param>
/// <param name="Scope">What is needed to write it.</param>
internal sealed record GpioLineOptions(
    [property: Word("a-z0-9-", 32, First = "a-z0-9", ErrorMessage = "{0} must be 1 to 32 characters of a-z, 0-9 and '-', beginning with a letter or digit")] string Name,
    [property: Range(0, 1023)] int Offset,
    [property: StringLength(64, ErrorMessage = "{0} must be at most 64 characters")] string? Label = null,
    string? Chip = null,
    [property: OneOf("input", "output")] string Direction = "output",
    bool ActiveLow = false,
    [property: OneOf("none", "up", "down")] string Pull = "none",
    [property: Range(0, 10_000)] int DebounceMilliseconds = 0,
    bool Initial = false,
    bool Safe = false,
    [property: OneOf("gpio", "manage")] string Scope = "gpio",
    [property: Range(1, 86_400)] int? MaxOnSeconds = null,
    [property: Range(1, 6000)] int? MaxOperationsPerMinute = null);
