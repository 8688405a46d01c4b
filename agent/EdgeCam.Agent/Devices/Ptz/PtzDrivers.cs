using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Devices.Ptz.PelcoD;
using EdgeCam.Agent.Devices.Ptz.Servo;
using EdgeCam.Agent.Devices.Ptz.Visca;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>The drivers, by the scheme with which a head is configured.</summary>
internal static class PtzDrivers
{
    private const string PcaExample = "pca9685:/dev/i2c-1?address=0x40";
    private const string PwmExample = "pwm:/sys/class/pwm/pwmchip0";

    /// <summary>What is wrong with a head's driver, and what to write; null where nothing is.</summary>
    public static string? FindMistake(PtzOptions options)
    {
        if (!DeviceUri.TryParse(options.Driver ?? "", out var address, out _))
            return $"\"{options.Driver}\" is not a driver's address. Write one such as {PelcoDOptions.Example}.";
        var mistake = "";
        return address.Scheme switch
        {
            "pelco-d" => PelcoDOptions.TryRead(address, out _, out mistake) ? null : mistake,
            "visca" => ViscaOptions.TryRead(address, out _, out mistake) ? null : mistake,
            "pca9685" => FindServoMistake(options) ?? FindPcaMistake(address),
            "pwm" => FindServoMistake(options) ?? FindPwmMistake(address),
            "digital" => address is { Path: "", Settings.Count: 0 } ? null : "digital takes nothing. Write digital:.",
            _ => $"There is no driver {address.Scheme}. Write pelco-d:, visca:, pca9685:, pwm: or digital:.",
        };
    }

    /// <summary>The axes that a head has.</summary>
    public static IReadOnlyList<AxisLimits> Limits(PtzOptions options) =>
        [.. Axes(options).Where(axis => axis.Options.Enabled).Select(axis => AxisLimits.From(axis.Options, axis.Axis, Kind(options)))];

    /// <summary>The serial port that a head has to itself; null where it needs none.</summary>
    public static string? SerialPort(PtzOptions options) => Kind(options) == PtzDriverKind.Serial && DeviceUri.TryParse(options.Driver, out var address, out _) ? address.Path : null;

    /// <summary>From a stop being written to its being with a head: the longest that a serial line may have to carry before it, and itself.</summary>
    public static TimeSpan LongestStop(PtzOptions options)
    {
        if (!DeviceUri.TryParse(options.Driver, out var address, out _))
            return TimeSpan.Zero;
        return address.Scheme switch
        {
            "pelco-d" when PelcoDOptions.TryRead(address, out var pelcoD, out _) => new SerialLine(pelcoD.Baud).Takes(PelcoDDriver.LongestQueue),
            "visca" when ViscaOptions.TryRead(address, out var visca, out _) => new SerialLine(visca.Baud).Takes(ViscaDriver.LongestQueue),
            _ => TimeSpan.Zero,
        };
    }

    public static bool IsDigital(PtzOptions options) => Kind(options) == PtzDriverKind.Digital;

    /// <summary>A driver of options without mistakes; it opens what it needs.</summary>
    /// <param name="region">For a digital head.</param>
    public static IPtzDriver Create(PtzOptions options, IPortOpener opener, IRegionOfInterest? region = null)
    {
        var limits = Limits(options);
        var name = $"ptz {options.Camera}";
        _ = DeviceUri.TryParse(options.Driver, out var address, out _);
        switch (address?.Scheme)
        {
            case "pelco-d" when PelcoDOptions.TryRead(address, out var pelcoD, out _):
                return new PelcoDDriver(name, pelcoD, limits, opener);
            case "visca" when ViscaOptions.TryRead(address, out var visca, out _):
                return new ViscaDriver(name, visca, limits, opener);
            case "pca9685":
                return new Pca9685Driver(options, $"i2c:{address.Path}?address=0x{address.Number("address", 0x03, 0x77, 0x40):x2}", limits, opener);
            case "pwm":
                return new PwmServoDriver(options, address.Path, limits, opener);
            case "digital":
                return new DigitalDriver(limits, region);
            default:
                throw new ArgumentException("The options were not checked.", nameof(options));
        }
    }

    public static IEnumerable<(PtzAxis Axis, PtzAxisOptions Options)> Axes(PtzOptions options) =>
        [(PtzAxis.Pan, options.Pan), (PtzAxis.Tilt, options.Tilt), (PtzAxis.Zoom, options.Zoom)];

    private static PtzDriverKind Kind(PtzOptions options) => (options.Driver ?? "").Split(':')[0] switch
    {
        "pca9685" or "pwm" => PtzDriverKind.Servo,
        "digital" => PtzDriverKind.Digital,
        _ => PtzDriverKind.Serial,
    };

    private static string? FindPcaMistake(DeviceUri address)
    {
        if (!address.Path.StartsWith('/') && !address.Path.StartsWith("unix:/", StringComparison.Ordinal))
            return $"It names no I2C bus. Write {PcaExample}.";
        if (address.Settings.FirstOrDefault(setting => setting != "address") is { } unknown)
            return $"pca9685 knows no {unknown}. It knows address.";
        return address.Number("address", 0x03, 0x77, 0x40) is null ? "address is not one that an I2C device can have. Write 0x40, or what its jumpers are set to." : null;
    }

    private static string? FindPwmMistake(DeviceUri address) =>
        !address.Path.StartsWith('/') ? $"It names no PWM chip. Write {PwmExample}."
        : address.Settings.Count > 0 ? "The driver takes no settings. Write each axis' output as channel in its section."
        : null;

    private static string? FindServoMistake(PtzOptions options)
    {
        var axes = Axes(options).Where(axis => axis.Options.Enabled).ToList();
        foreach (var (axis, servo) in axes)
        {
            if (servo.MinPulse >= servo.MaxPulse)
                return $"{PtzNames.Of(axis)}.minPulse is not less than its maxPulse. Write the shorter pulse as minPulse, and invert where the servo turns the other way round.";
            if (axes.Exists(other => other.Axis < axis && Channel(other.Axis, other.Options) == Channel(axis, servo)))
                return $"{PtzNames.Of(axis)} has the channel of another axis. Give each axis a channel of its own, or set enabled to false for what the head lacks.";
        }

        return null;
    }

    private static int Channel(PtzAxis axis, PtzAxisOptions options) => options.Channel ?? (int)axis;
}
