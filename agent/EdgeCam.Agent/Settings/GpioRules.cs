using System.Globalization;
using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Gpio;

namespace EdgeCam.Agent.Settings;

/// <summary>What can be said about lines, PWM outputs and interlocks before anything is switched.</summary>
internal static class GpioRules
{
    private const string ChipForm = "Write /dev/gpiochip0 with the chip's number, or unix:PATH for a simulated one.";
    private const string SourceForm = "Write pwm:/sys/class/pwm/pwmchip0?channel=0, with the chip's and the channel's number.";

    public static void Check(GpioOptions gpio, List<ConfigurationMistake> mistakes)
    {
        if (!IsChip(gpio.Chip))
            mistakes.Add(new("gpio.chip", $"\"{gpio.Chip}\" is not a GPIO chip", ChipForm));
        for (var i = 0; i < gpio.Lines.Length; i++)
            CheckLine(gpio, i, mistakes);
        for (var i = 0; i < gpio.Pwm.Length; i++)
            CheckPwm(gpio, i, mistakes);
        for (var i = 0; i < gpio.Interlocks.Length; i++)
            CheckInterlock(gpio, i, mistakes);
    }

    private static void CheckLine(GpioOptions gpio, int index, List<ConfigurationMistake> mistakes)
    {
        var (line, where) = (gpio.Lines[index], At("lines", index));
        var before = gpio.Lines.AsSpan(0, index);
        if (Find(before, other => other.Name == line.Name) is not null)
            mistakes.Add(new($"{where}.name", $"\"{line.Name}\" is the name of another line too", "Give each line a name of its own."));
        if (Find(before, other => other.Offset == line.Offset && ChipOf(gpio, other) == ChipOf(gpio, line)) is { } same)
        {
            mistakes.Add(new($"{where}.offset", $"{line.Offset} on {ChipOf(gpio, line)} is the line \"{same.Name}\" already",
                "Name each line of a chip once: gpioinfo lists their offsets."));
        }

        if (line.Chip is { } chip && !IsChip(chip))
            mistakes.Add(new($"{where}.chip", $"\"{chip}\" is not a GPIO chip", ChipForm));
        if (line.Direction == "input")
            CheckInput(line, where, mistakes);
        else
            CheckOutput(line, where, mistakes);
    }

    private static void CheckInput(GpioLineOptions line, string where, List<ConfigurationMistake> mistakes)
    {
        const string Remedy = "Remove it, or write \"direction\": \"output\".";
        if (line.MaxOnSeconds is not null)
            mistakes.Add(new($"{where}.maxOnSeconds", "is there, but the line is an input, which nobody switches off", Remedy));
        if (line.MaxOperationsPerMinute is not null)
            mistakes.Add(new($"{where}.maxOperationsPerMinute", "is there, but the line is an input, which nobody switches", Remedy));
        if (line.Initial)
            mistakes.Add(new($"{where}.initial", "is true, but the line is an input, which has the value it has", Remedy));
        if (line.Safe)
            mistakes.Add(new($"{where}.safe", "is true, but the line is an input, which has the value it has", Remedy));
    }

    private static void CheckOutput(GpioLineOptions line, string where, List<ConfigurationMistake> mistakes)
    {
        const string Remedy = "Remove it, or write \"direction\": \"input\".";
        if (line.DebounceMilliseconds > 0)
            mistakes.Add(new($"{where}.debounceMilliseconds", $"is {line.DebounceMilliseconds}, but the line is an output, which does not bounce", Remedy));
        if (line.Pull != "none")
            mistakes.Add(new($"{where}.pull", $"is {line.Pull}, but the line is an output, which is driven", Remedy));
        if (line is { Safe: true, MaxOnSeconds: not null })
        {
            mistakes.Add(new($"{where}.maxOnSeconds", "is there, but the line is on when it is safe: nobody would be left to switch it off",
                "Write \"safe\": false, or remove maxOnSeconds."));
        }
    }

    private static void CheckPwm(GpioOptions gpio, int index, List<ConfigurationMistake> mistakes)
    {
        var (output, where) = (gpio.Pwm[index], At("pwm", index));
        var before = gpio.Pwm.AsSpan(0, index);
        if (Find(before, other => other.Name == output.Name) is not null || Find(gpio.Lines, line => line.Name == output.Name) is not null)
            mistakes.Add(new($"{where}.name", $"\"{output.Name}\" is the name of another line or output too", "Give each a name of its own."));
        if (!IsPwmSource(output.Source))
            mistakes.Add(new($"{where}.source", $"\"{output.Source}\" is not a PWM channel", SourceForm));
        else if (Find(before, other => other.Source == output.Source) is { } same)
            mistakes.Add(new($"{where}.source", $"is that of \"{same.Name}\" already", "Name each channel once."));
    }

    private static void CheckInterlock(GpioOptions gpio, int index, List<ConfigurationMistake> mistakes)
    {
        var (never, where) = (gpio.Interlocks[index].Never, $"{At("interlocks", index)}.never");
        if (never.Distinct(StringComparer.Ordinal).Count() < 2)
        {
            mistakes.Add(new(where, "names fewer than two lines, so there is nothing to keep apart", "Name at least two lines."));
            return;
        }

        List<GpioLineOptions> lines = [];
        foreach (var name in never.Distinct(StringComparer.Ordinal))
        {
            if (Find(gpio.Lines, line => line.Name == name) is not { } line)
                mistakes.Add(new(where, $"\"{name}\" is the name of no line", "Name lines of gpio.lines."));
            else if (line.Direction == "input")
                mistakes.Add(new(where, $"\"{name}\" is an input, which nobody can keep off", "Name outputs only."));
            else
                lines.Add(line);
        }

        CheckTogether(where, "initial", [.. lines.Where(line => line.Initial)], mistakes);
        CheckTogether(where, "safe", [.. lines.Where(line => line.Safe)], mistakes);
        if (lines.Find(line => line.Safe) is { } safe && lines.Exists(line => ChipOf(gpio, line) != ChipOf(gpio, safe)))
        {
            mistakes.Add(new(where, $"\"{safe.Name}\" is on when it is safe, and another of its lines is on another chip: each chip is made safe for itself, so both might be on",
                $"Write \"safe\": false for {safe.Name}, or wire them to one chip."));
        }
    }

    private static void CheckTogether(string where, string key, GpioLineOptions[] on, List<ConfigurationMistake> mistakes)
    {
        if (on.Length > 1)
            mistakes.Add(new(where, $"\"{on[0].Name}\" and \"{on[1].Name}\" are both on by their {key} values", $"Write \"{key}\": false for all of them but one."));
    }

    private static string ChipOf(GpioOptions gpio, GpioLineOptions line) => line.Chip ?? gpio.Chip;

    private static bool IsChip(string chip) =>
        (chip.StartsWith("/dev/gpiochip", StringComparison.Ordinal) && IsNumber(chip["/dev/gpiochip".Length..])) || (chip.StartsWith("unix:/", StringComparison.Ordinal) && chip.Length > "unix:/".Length);

    private static bool IsPwmSource(string source) =>
        DeviceUri.TryParse(source, out var uri, out _) && uri is { Scheme: "pwm", Path: ['/', _, ..], Settings.Count: 1 } && uri.Number("channel", 0, 255) is not null;

    private static bool IsNumber(string text) => text.Length is > 0 and <= 4 && text.All(char.IsAsciiDigit);

    private static string At(string list, int index) => string.Create(CultureInfo.InvariantCulture, $"gpio.{list}[{index}]");

    private static T? Find<T>(ReadOnlySpan<T> among, Predicate<T> isIt)
        where T : class
    {
        foreach (var one in among)
        {
            if (isIt(one))
                return one;
        }

        return null;
    }
}
