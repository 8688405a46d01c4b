using System.Globalization;
using EdgeCam.Agent.Devices.Board.Interop;

namespace EdgeCam.Agent.Devices.Board;

/// <summary>Asks the kernel how the board does. A handful of small files each time, and nothing is kept open.</summary>
/// <param name="root">Where proc, sys and dev are.</param>
/// <param name="stateFolder">Whose file system is looked at.</param>
internal sealed class BoardProbe(string root, string stateFolder)
{
    private const double Coldest = -55; // °C; sensors that are switched off tell less, or far more
    private const double Hottest = 150;

    /// <summary>Zones and sensors of processor and SoC; others are of batteries, radios and disks.</summary>
    private static readonly string[] s_processor = ["cpu", "soc", "x86_pkg", "core", "k10temp"];

    public BoardHealth Read()
    {
        var flags = Firmware();
        var alarm = VoltageAlarm();
        var wifi = Wifi(SystemFile.TryRead(At("proc/net/wireless")));
        var disk = Disk(stateFolder);
        var memory = SystemFile.TryRead(At("proc/meminfo"));
        var load = Numbers(SystemFile.TryRead(At("proc/loadavg")));
        return new(
            Temperature(),
            flags?.Throttled, flags?.ThrottledBefore, Either(flags?.UnderVoltage, alarm), Either(flags?.UnderVoltageBefore, alarm),
            wifi?.Interface, wifi?.Signal,
            disk?.Total, disk?.Free,
            Memory(memory, "MemTotal:"), Memory(memory, "MemAvailable:"),
            load.ElementAtOrDefault(0), load.ElementAtOrDefault(1), load.ElementAtOrDefault(2),
            (long?)Numbers(SystemFile.TryRead(At("proc/uptime"))).ElementAtOrDefault(0));
    }

    /// <summary>
    /// A line for each interface (wireless-tools' format, written by cfg80211): <c>wlan0: 0000   54.  -56.  -256 …</c>, status, link, level in
    /// dBm. The strongest of several.
    /// </summary>
    internal static (string Interface, int Signal)? Wifi(string? table)
    {
        (string Interface, int Signal)? best = null;
        foreach (var line in (table ?? "").Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
                continue;
            var fields = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 3 || !int.TryParse(fields[2].TrimEnd('.'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var level))
                continue;
            // Between −110 and 0 it is dBm; drivers that tell none have 0 or a number of their own.
            if (level is > -110 and < 0 && (best is null || level > best.Value.Signal))
                best = (line[..colon].Trim(), level);
        }

        return best;
    }

    /// <summary>Bytes of a line of <c>/proc/meminfo</c>, such as <c>MemTotal:  3884872 kB</c>.</summary>
    internal static long? Memory(string? table, string name)
    {
        var line = (table ?? "").Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        var words = line?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words is [_, var number, ..] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes) ? kibibytes * 1024 : null;
    }

    private string At(string path) => Path.Combine(root, path);

    /// <summary>The firmware's word from sysfs, where the kernel has it, or from the mailbox.</summary>
    private FirmwareFlags? Firmware()
    {
        // soc/soc:firmware on a Raspberry Pi 4; with an address in both names on newer ones
        foreach (var soc in SystemFile.Folders(At("sys/devices/platform"), "soc"))
        {
            foreach (var firmware in SystemFile.Folders(soc, "soc").Where(static folder => folder.EndsWith(":firmware", StringComparison.Ordinal)))
            {
                if (FirmwareFlags.TryParse(SystemFile.TryRead(Path.Combine(firmware, "get_throttled"))) is { } flags)
                    return flags;
            }
        }

        return FirmwareMailbox.Read(At(FirmwareMailbox.Device));
    }

    /// <summary>The kernel asks the firmware every few seconds (Documentation/hwmon/raspberrypi-hwmon.rst).</summary>
    private bool? VoltageAlarm()
    {
        var folder = Sensors().FirstOrDefault(static sensor => sensor.Name == "rpi_volt").Folder;
        return folder is null ? null : SystemFile.TryRead(Path.Combine(folder, "in0_lcrit_alarm"))?.Trim() switch { "1" => true, "0" => false, _ => null };
    }

    private double? Temperature()
    {
        var zones = SystemFile.Folders(At("sys/class/thermal"), "thermal_zone")
            .Select(static folder => (Name: SystemFile.TryRead(Path.Combine(folder, "type"))?.Trim() ?? "", Celsius: Celsius(Path.Combine(folder, "temp"))));
        var sensors = Sensors().Select(static sensor => (sensor.Name, Celsius: Celsius(Path.Combine(sensor.Folder, "temp1_input"))));
        (string Name, double? Celsius)[] known = [.. zones.Concat(sensors).Where(static sensor => sensor.Celsius is not null)];
        return known.Where(static sensor => s_processor.Any(word => sensor.Name.Contains(word, StringComparison.OrdinalIgnoreCase))).Max(static sensor => sensor.Celsius)
            ?? known.Max(static sensor => sensor.Celsius);
    }

    private IEnumerable<(string Name, string Folder)> Sensors() =>
        SystemFile.Folders(At("sys/class/hwmon"), "hwmon").Select(static folder => (SystemFile.TryRead(Path.Combine(folder, "name"))?.Trim() ?? "", folder));

    /// <summary>The kernel counts in thousandths.</summary>
    private static double? Celsius(string path) =>
        int.TryParse(SystemFile.TryRead(path), NumberStyles.AllowLeadingSign | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var thousandths)
            && thousandths / 1000.0 is > Coldest and < Hottest and var celsius ? celsius : null;

    private static (long Total, long Free)? Disk(string folder)
    {
        try
        {
            var drive = new DriveInfo(folder);
            return (drive.TotalSize, drive.AvailableFreeSpace);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static double?[] Numbers(string? text) =>
    [
        .. (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static word => double.TryParse(word, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : (double?)null),
    ];

    private static bool? Either(bool? first, bool? second) => first is null ? second : second is null ? first : first.Value || second.Value;
}
