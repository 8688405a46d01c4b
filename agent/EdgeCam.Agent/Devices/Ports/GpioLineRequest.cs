namespace EdgeCam.Agent.Devices.Ports;

/// <summary>How a line is taken (Linux gpio uAPI v2, struct gpio_v2_line_config).</summary>
/// <param name="Value">Of an output, logical.</param>
/// <param name="Debounce">Of an input: a level counts once it has lasted so long.</param>
internal readonly record struct GpioLineRequest(ushort Offset, GpioDirection Direction, GpioPull Pull, bool IsActiveLow, bool Value, TimeSpan Debounce);
