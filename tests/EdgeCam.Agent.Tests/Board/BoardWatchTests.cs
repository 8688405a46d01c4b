using System.Buffers;
using System.Text.Json;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Devices.Board;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Security;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Board;

/// <summary>What is said of a board: each episode once.</summary>
public sealed class BoardWatchTests
{
    private readonly LogLines<BoardWatch> _log = new();
    private readonly List<JsonElement> _events = [];
    private readonly BoardWatch _watch;
    private BoardHealth _health = new(TemperatureCelsius: 50, Throttled: false, ThrottledBefore: false, UnderVoltage: false, UnderVoltageBefore: false, DiskTotalBytes: 1L << 30, DiskFreeBytes: 1L << 29);

    public BoardWatchTests() => _watch = new(() => _health, "/var/lib/edgecam", json => _events.Add(JsonElement.Parse(json)), TimeProvider.System, _log);

    [Fact]
    public void A_board_that_does_well_is_not_talked_about()
    {
        Sample(20);
        Assert.Empty(_events);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void Heat_begins_above_80_and_ends_below_75()
    {
        foreach (var celsius in (double[])[79.9, 80.1, 79, 81, 76, 74.9, 79])
        {
            _health = _health with { TemperatureCelsius = celsius };
            Sample(1);
        }

        Assert.Equal(["hot began", "hot ended"], Said());
        Assert.Equal(80.1, _events[0].GetProperty("health").GetProperty("temperatureCelsius").GetDouble());
        Assert.Contains("80.1 °C", Assert.Single(_log.Lines, line => line.Contains("fan", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void Low_voltage_that_comes_and_goes_is_one_episode_until_a_minute_without()
    {
        foreach (var isLow in (bool[])[true, false, true, false, false, false, false, false])
        {
            _health = _health with { UnderVoltage = isLow, UnderVoltageBefore = true };
            Sample(1);
        }

        Assert.Equal(["underVoltage began"], Said());
        Sample(1);
        Assert.Equal(["underVoltage began", "underVoltage ended"], Said());
    }

    [Fact]
    public void What_happened_between_two_samples_or_before_the_first_is_said_once()
    {
        _health = _health with { ThrottledBefore = true };
        Sample(100);
        Assert.Equal(["throttled began", "throttled ended"], Said());
    }

    [Fact]
    public void What_was_seen_is_remembered_where_the_firmware_forgets()
    {
        _health = _health with { UnderVoltage = true };
        Sample(1);
        _health = _health with { UnderVoltage = false, UnderVoltageBefore = false };
        Sample(1);
        Assert.Equal((false, true), (_watch.Latest.UnderVoltage, _watch.Latest.UnderVoltageBefore));
    }

    [Fact]
    public void A_disk_is_nearly_full_below_a_twentieth_and_has_room_again_above_a_twelfth()
    {
        foreach (var percent in (int[])[6, 4, 6, 4, 7, 8])
        {
            _health = _health with { DiskTotalBytes = 1000L << 20, DiskFreeBytes = percent * (10L << 20) };
            Sample(1);
        }

        Assert.Equal(["diskFull began", "diskFull ended"], Said());
        Assert.Contains(_log.Lines, line => line.Contains("/var/lib/edgecam is nearly full, 40 MiB are left of 1000", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_unknown_begins_and_ends_nothing()
    {
        _health = _health with { TemperatureCelsius = 90 };
        Sample(1);
        _health = new();
        Sample(20);
        Assert.Equal(["hot began"], Said());
    }

    [Fact]
    public async Task It_looks_every_ten_seconds()
    {
        var time = new ManualTime();
        var samples = 0;
        using var stop = new CancellationTokenSource();
        var watch = new BoardWatch(() => new(Load1: Interlocked.Increment(ref samples)), "/", _ => { }, time, _log);
        Assert.Null(watch.Latest.Load1);
        var running = watch.RunAsync(stop.Token);
        Assert.Equal(1, watch.Latest.Load1);
        time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(1, Volatile.Read(ref samples));
        time.Advance(TimeSpan.FromSeconds(0.2));
        await Wait.UntilAsync(() => watch.Latest.Load1 == 2, "the second sample");
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Device_health_leaves_out_what_is_unknown_and_names_it()
    {
        var method = Assert.Single(BoardMethods.Create(() => new(TemperatureCelsius: 48.5, Throttled: false, WifiInterface: "wlan0", WifiSignalDbm: -56)));
        Assert.Equal(("device.health", AccessScope.View), (method.Name, method.Scope));
        var buffer = new ArrayBufferWriter<byte>();
        await using (var writer = new Utf8JsonWriter(buffer))
            Assert.Null(await method.Handler(new(default, null!, writer)));

        var result = JsonElement.Parse(buffer.WrittenSpan);
        Assert.Equal(48.5, result.GetProperty("temperatureCelsius").GetDouble());
        Assert.False(result.GetProperty("throttled").GetBoolean());
        Assert.False(result.TryGetProperty("underVoltage", out _));
        string[] unknown = [.. result.GetProperty("unknown").EnumerateArray().Select(name => name.GetString()!)];
        Assert.Contains("underVoltage", unknown);
        Assert.DoesNotContain("throttled", unknown);
        // Every name that is told or unknown is a property of the whole, and nothing else is.
        var all = JsonSerializer.SerializeToElement(new BoardHealth(1, true, true, true, true, "", 1, 1, 1, 1, 1, 1, 1, 1, 1), BoardJson.Default.BoardHealth);
        Assert.Equal(
            all.EnumerateObject().Select(member => member.Name).Where(name => name != "unknown").Order(StringComparer.Ordinal),
            new BoardHealth().Unknown.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Metrics_have_a_series_for_what_is_known()
    {
        var meter = Guid.NewGuid().ToString();
        using var exporter = new MetricsExporter(meter);
        var health = new BoardHealth(TemperatureCelsius: 48.5, UnderVoltage: true, WifiSignalDbm: -56, DiskFreeBytes: 7, UptimeSeconds: 9);
        using var metrics = new BoardMetrics(() => health, meter);
        var text = exporter.Write();
        foreach (var line in (string[])["edgecam_board_temperature_celsius 48.5", "edgecam_board_under_voltage 1", "edgecam_board_wifi_signal_dbm -56", "edgecam_board_disk_free_bytes 7", "edgecam_board_uptime_seconds 9"])
            Assert.Contains($"\n{line}\n", text, StringComparison.Ordinal);

        health = new();
        Assert.DoesNotContain("edgecam_board_temperature_celsius ", exporter.Write(), StringComparison.Ordinal);
    }

    private void Sample(int times)
    {
        for (var i = 0; i < times; i++)
            _watch.Sample();
    }

    private IEnumerable<string> Said() => _events.Select(told => $"{told.GetProperty("condition").GetString()} {told.GetProperty("state").GetString()}");
}
