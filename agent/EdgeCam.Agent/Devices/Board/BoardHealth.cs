using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Devices.Board;

/// <summary>How the board does, the result of <c>device.health</c>. What it does not tell is null, left out of the JSON, and named in <see cref="Unknown"/>.</summary>
/// <param name="TemperatureCelsius">The hottest of its sensors for processor and SoC.</param>
/// <param name="Throttled">The firmware holds the processor back now, for heat or for want of voltage.</param>
/// <param name="ThrottledBefore">It did since the boot, or at least since the agent started.</param>
/// <param name="UnderVoltage">The supply's voltage is too low now.</param>
/// <param name="UnderVoltageBefore">It was since the boot, or at least since the agent started.</param>
/// <param name="WifiInterface">The one with the strongest signal.</param>
/// <param name="WifiSignalDbm">−30 is excellent, −67 enough for video, −80 is hardly usable.</param>
/// <param name="DiskTotalBytes">Of the file system with the state folder.</param>
/// <param name="DiskFreeBytes">Of it, what the agent may use.</param>
/// <param name="MemoryAvailableBytes">What programs could have without swapping, as the kernel estimates it.</param>
/// <param name="Load1">Processes that run or wait to, over a minute (proc_loadavg(5)).</param>
/// <param name="UptimeSeconds">Of the board.</param>
internal sealed record BoardHealth(
    double? TemperatureCelsius = null,
    bool? Throttled = null,
    bool? ThrottledBefore = null,
    bool? UnderVoltage = null,
    bool? UnderVoltageBefore = null,
    string? WifiInterface = null,
    int? WifiSignalDbm = null,
    long? DiskTotalBytes = null,
    long? DiskFreeBytes = null,
    long? MemoryTotalBytes = null,
    long? MemoryAvailableBytes = null,
    double? Load1 = null,
    double? Load5 = null,
    double? Load15 = null,
    long? UptimeSeconds = null)
{
    /// <summary>The names of what this board does not tell, as they stand in the JSON.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyList<string> Unknown =>
    [
        .. Name("temperatureCelsius", TemperatureCelsius is null), .. Name("throttled", Throttled is null), .. Name("throttledBefore", ThrottledBefore is null),
        .. Name("underVoltage", UnderVoltage is null), .. Name("underVoltageBefore", UnderVoltageBefore is null),
        .. Name("wifiInterface", WifiInterface is null), .. Name("wifiSignalDbm", WifiSignalDbm is null),
        .. Name("diskTotalBytes", DiskTotalBytes is null), .. Name("diskFreeBytes", DiskFreeBytes is null),
        .. Name("memoryTotalBytes", MemoryTotalBytes is null), .. Name("memoryAvailableBytes", MemoryAvailableBytes is null),
        .. Name("load1", Load1 is null), .. Name("load5", Load5 is null), .. Name("load15", Load15 is null), .. Name("uptimeSeconds", UptimeSeconds is null),
    ];

    private static IEnumerable<string> Name(string name, bool isUnknown) => isUnknown ? [name] : [];
}
