using System.Globalization;

namespace EdgeCam.Agent.Management;

/// <summary>How often the service manager wants a sign of life (sd_watchdog_enabled(3)).</summary>
internal static class WatchdogSettings
{
    public const string Microseconds = "WATCHDOG_USEC";
    public const string ProcessId = "WATCHDOG_PID";

    /// <returns>After which silence it ends the service; null where it does not watch, or watches another process than this.</returns>
    public static TimeSpan? Read(Func<string, string?> environment, int processId)
    {
        if (!long.TryParse(environment(Microseconds), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            || microseconds is <= 0 or > long.MaxValue / TimeSpan.TicksPerMicrosecond)
            return null;
        var watched = environment(ProcessId);
        return string.IsNullOrEmpty(watched) || watched == processId.ToString(CultureInfo.InvariantCulture) ? TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond) : null;
    }
}
