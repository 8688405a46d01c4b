using EdgeCam.Agent.Devices.Ports;
using EdgeCam.Agent.Devices.Ptz.PelcoD;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>The drivers, by the scheme with which a head is configured.</summary>
internal static class PtzDrivers
{
    /// <summary>What is wrong with a head's driver, and what to write; null where nothing is.</summary>
    public static string? FindMistake(PtzOptions options)
    {
        if (!DriverAddress.TryParse(options.Driver, out var address))
            return $"\"{options.Driver}\" is not a driver's address. Write one such as {PelcoDOptions.Example}.";
        switch (address.Scheme)
        {
            case "pelco-d":
                return PelcoDOptions.TryRead(address, out _, out var mistake) ? null : mistake;
            default:
                return $"There is no driver {address.Scheme}. Write pelco-d:, visca:, pca9685:, pwm: or digital:.";
        }
    }

    /// <summary>The axes that a head has.</summary>
    public static IReadOnlyList<AxisLimits> Limits(PtzOptions options)
    {
        var kind = Kind(options);
        (PtzAxis Axis, PtzAxisOptions Options)[] axes = [(PtzAxis.Pan, options.Pan), (PtzAxis.Tilt, options.Tilt), (PtzAxis.Zoom, options.Zoom)];
        return [.. axes.Where(axis => axis.Options.Enabled).Select(axis => AxisLimits.From(axis.Options, axis.Axis, kind))];
    }

    /// <summary>A driver of options without mistakes; it opens what it needs.</summary>
    public static IPtzDriver Create(PtzOptions options, IPortOpener opener, IRegionOfInterest? region = null)
    {
        var limits = Limits(options);
        var name = $"ptz {options.Camera}";
        _ = DriverAddress.TryParse(options.Driver, out var address);
        switch (address!.Scheme)
        {
            default:
                _ = PelcoDOptions.TryRead(address, out var pelcoD, out _);
                return new PelcoDDriver(name, pelcoD!, limits, opener);
        }
    }

    private static PtzDriverKind Kind(PtzOptions options) => options.Driver.Split(':')[0] switch
    {
        "pca9685" or "pwm" => PtzDriverKind.Servo,
        "digital" => PtzDriverKind.Digital,
        _ => PtzDriverKind.Serial,
    };
}
