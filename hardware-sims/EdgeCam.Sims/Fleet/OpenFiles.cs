using System.Globalization;

namespace EdgeCam.Sims.Fleet;

/// <summary>How many files and connections this process may have. .NET has raised its own limit as far as it may already.</summary>
internal static class OpenFiles
{
    private const int Others = 200; // of the runtime, and of devices that connect anew before the old socket is gone

    /// <exception cref="FormatException">There are too few for so many devices.</exception>
    public static void MustAllow(int devices) => MustAllow(devices, File.ReadAllLines("/proc/self/limits"));

    internal static void MustAllow(int devices, IEnumerable<string> limits)
    {
        const string Name = "Max open files"; // proc_pid_limits(5): name, soft limit, hard limit
        var line = limits.FirstOrDefault(static line => line.StartsWith(Name, StringComparison.Ordinal));
        if (line?[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var soft, ..] || !int.TryParse(soft, CultureInfo.InvariantCulture, out var most))
            return; // unlimited
        if (most < devices + Others)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{devices} devices need {devices + Others} open files, and this process may have {most}: raise the limit (ulimit -n {devices + Others}), or take fewer devices"));
    }
}
