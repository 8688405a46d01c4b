using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Devices.Board;

/// <summary>The newest sample in numbers; what the board does not tell has no series.</summary>
internal sealed class BoardMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Func<BoardHealth> _latest;

    /// <param name="latest">The newest sample.</param>
    /// <param name="meter">Whose instruments these are.</param>
    public BoardMetrics(Func<BoardHealth> latest, string meter = AgentMeter.Name)
    {
        (_latest, _meter) = (latest, new(meter));
        Gauge("edgecam.board.temperature", "Cel", "The hottest sensor of processor and SoC", static health => health.TemperatureCelsius);
        Gauge("edgecam.board.throttled", null, "1: the firmware holds the processor back", static health => Flag(health.Throttled));
        Gauge("edgecam.board.throttled_before", null, "1: it did since the boot", static health => Flag(health.ThrottledBefore));
        Gauge("edgecam.board.under_voltage", null, "1: the supply's voltage is too low", static health => Flag(health.UnderVoltage));
        Gauge("edgecam.board.under_voltage_before", null, "1: it was since the boot", static health => Flag(health.UnderVoltageBefore));
        Gauge("edgecam.board.wifi_signal", "dBm", "The Wi-Fi's signal", static health => health.WifiSignalDbm);
        Gauge("edgecam.board.disk_total", "By", "The file system of the state folder", static health => health.DiskTotalBytes);
        Gauge("edgecam.board.disk_free", "By", "What is free of it", static health => health.DiskFreeBytes);
        Gauge("edgecam.board.memory_total", "By", "The board's memory", static health => health.MemoryTotalBytes);
        Gauge("edgecam.board.memory_available", "By", "What programs could have of it without swapping", static health => health.MemoryAvailableBytes);
        Gauge("edgecam.board.load1", null, "Processes that run or wait to, over a minute", static health => health.Load1);
        Gauge("edgecam.board.uptime", "s", "Since the board's boot", static health => health.UptimeSeconds);
    }

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string? unit, string description, Func<BoardHealth, double?> value) =>
        _meter.CreateObservableGauge<double>(name, () => value(_latest()) is { } known ? [new(known)] : [], unit, description);

    private static double? Flag(bool? flag) => flag switch { true => 1, false => 0, null => null };
}
