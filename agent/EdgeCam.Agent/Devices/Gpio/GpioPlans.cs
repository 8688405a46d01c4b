using EdgeCam.Agent.Devices.Ports;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>
/// The ports that lines and PWM outputs need: one for each chip, one for each output. They are opened with safe values, whatever happened
/// before; the initial ones follow the first time, from the agent. Off comes before on, so that no interlock is broken on the way.
/// </summary>
internal static class GpioPlans
{
    public static IReadOnlyList<PortPlan> Create(GpioOptions options) =>
        [.. Chips(options).Select(chip => ForChip(chip.Chip, chip.Lines)), .. options.Pwm.Select(ForPwm)];

    /// <summary>Lines by chip.</summary>
    public static IEnumerable<(string Chip, GpioLineOptions[] Lines)> Chips(GpioOptions options) =>
        options.Lines.GroupBy(line => line.Chip ?? options.Chip, StringComparer.Ordinal).Select(group => (group.Key, group.ToArray()));

    public static PortPlan ForChip(string chip, IReadOnlyList<GpioLineOptions> lines)
    {
        GpioLineOptions[] ordered = [.. lines.OrderBy(line => IsOutput(line) && line.Safe)];
        return new(
            $"gpio {chip}", $"gpio:{chip}",
            [.. ordered.Select(line => GpioCommand.Request(ToRequest(line, IsOutput(line) && line.Safe)))],
            [.. ordered.Where(IsOutput).Select(line => GpioCommand.Set((ushort)line.Offset, line.Safe))]);
    }

    public static PortPlan ForPwm(GpioPwmOptions output)
    {
        var safe = ToCommand(output, output.Safe / 100.0).ToBytes();
        return new($"pwm {output.Name}", output.Source, [safe], [safe]);
    }

    public static GpioLineRequest ToRequest(GpioLineOptions line, bool value) => new(
        (ushort)line.Offset, IsOutput(line) ? GpioDirection.Output : GpioDirection.Input,
        line.Pull switch { "up" => GpioPull.Up, "down" => GpioPull.Down, _ => GpioPull.None },
        line.ActiveLow, value, TimeSpan.FromMilliseconds(line.DebounceMilliseconds));

    /// <param name="duty">0 to 1.</param>
    public static PwmCommand ToCommand(GpioPwmOptions output, double duty)
    {
        var period = (uint)(1_000_000_000 / output.Frequency);
        return new(period, (uint)Math.Round(period * Math.Clamp(duty, 0, 1)), IsEnabled: true);
    }

    private static bool IsOutput(GpioLineOptions line) => line.Direction == "output";
}
