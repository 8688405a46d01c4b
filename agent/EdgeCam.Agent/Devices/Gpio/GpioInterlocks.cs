using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>Groups of lines of which never two are on together. A changeover is refused, never made by itself.</summary>
internal sealed class GpioInterlocks
{
    private readonly List<(GpioInterlockOptions Options, GpioLine[] Lines)> _groups = [];

    public GpioInterlocks(IEnumerable<GpioInterlockOptions> groups, IReadOnlyDictionary<string, GpioLine> lines)
    {
        foreach (var group in groups)
            _groups.Add((group, [.. group.Never.Select(name => lines[name])]));
    }

    /// <summary>Lines that are never on with it.</summary>
    public IReadOnlyList<string> Others(GpioLine line) =>
        [.. _groups.Where(group => group.Lines.Contains(line)).SelectMany(group => group.Options.Never).Where(name => name != line.Name).Distinct()];

    /// <summary>Why a line must not be on now; null where it may.</summary>
    public GpioRefusal? FindRefusal(GpioLine line, Instant now)
    {
        foreach (var (options, lines) in _groups)
        {
            if (!lines.Contains(line))
                continue;
            foreach (var other in lines)
            {
                if (other != line && Describe(other, now) is { } state)
                {
                    var label = options.Label is null ? "" : $" ({options.Label})";
                    return new(GpioRefusalKind.Interlocked, $"{line.Name} must not be on together with {other.Name}, {state}{label}", $"Switch {other.Name} off first");
                }
            }
        }

        return null;
    }

    private static string? Describe(GpioLine other, Instant now)
    {
        if (other.Value is null)
            return "of which nobody knows whether it is on";
        if (other.MayBeOn)
            return other.Expected == false ? "which is on until its being switched off is confirmed" : "which is on";
        return other.Pulse is { Then: true } pulse ? FormattableString.Invariant($"which goes on by itself in {Math.Max(0, (pulse.EndsAt - now).TotalMilliseconds):0} ms") : null;
    }
}
