using EdgeCam.Agent.Devices.Board;
using EdgeCam.Agent.Devices.Board.Interop;

namespace EdgeCam.Agent.Tests.Board;

/// <summary>What the kernel tells, on boards of several kinds.</summary>
public sealed class BoardProbeTests : IDisposable
{
    private readonly FakeBoard _board = FakeBoard.RaspberryPi();

    public void Dispose() => _board.Dispose();

    [Fact]
    public void A_Raspberry_Pi_tells_everything()
    {
        var health = Read();
        Assert.Empty(health.Unknown);
        Assert.Equal((48.686, "wlan0", -56), (health.TemperatureCelsius, health.WifiInterface, health.WifiSignalDbm));
        Assert.Equal((false, false, false, false), (health.Throttled, health.ThrottledBefore, health.UnderVoltage, health.UnderVoltageBefore));
        Assert.Equal((3884872L * 1024, 3400000L * 1024), (health.MemoryTotalBytes, health.MemoryAvailableBytes));
        Assert.Equal((0.52, 0.58, 0.59, 35271L), (health.Load1, health.Load5, health.Load15, health.UptimeSeconds));
        Assert.InRange(health.DiskFreeBytes!.Value, 1, health.DiskTotalBytes!.Value);
    }

    [Fact]
    public void A_board_that_tells_nothing_says_so_of_everything()
    {
        var empty = Directory.CreateTempSubdirectory("edgecam-no-board-").FullName;
        try
        {
            var health = new BoardProbe(empty, Path.Combine(empty, "none")).Read();
            Assert.Equal(15, health.Unknown.Count);
            Assert.Equal(new BoardHealth(), health);
        }
        finally
        {
            Directory.Delete(empty);
        }
    }

    [Theory]
    [InlineData("0", false, false, false, false)]
    [InlineData("1", false, false, true, false)]
    [InlineData("50005", true, true, true, true)]
    [InlineData("0x50000", false, true, false, true)]
    [InlineData("2", true, false, false, false)] // the frequency is capped
    [InlineData("80000", false, true, false, false)] // the soft limit was reached
    public void The_firmware_s_word_tells_now_from_before(string word, bool throttled, bool throttledBefore, bool low, bool lowBefore)
    {
        _board.Write("sys/devices/platform/soc/soc:firmware/get_throttled", word + "\n");
        var health = Read();
        Assert.Equal((throttled, throttledBefore, low, lowBefore), (health.Throttled, health.ThrottledBefore, health.UnderVoltage, health.UnderVoltageBefore));
    }

    [Fact]
    public void Newer_boards_have_an_address_in_the_firmware_s_folder()
    {
        Directory.Delete(Path.Combine(_board.Root, "sys/devices"), recursive: true);
        _board.Write("sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled", "5\n");
        Assert.Equal((true, true), (Read().Throttled, Read().UnderVoltage));
    }

    [Fact]
    public void Without_the_word_the_kernel_s_alarm_still_tells_low_voltage()
    {
        Directory.Delete(Path.Combine(_board.Root, "sys/devices"), recursive: true);
        _board.Write("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "1\n");
        var health = Read();
        Assert.Equal((true, true, null), (health.UnderVoltage, health.UnderVoltageBefore, health.Throttled));
        Assert.Equal(["throttled", "throttledBefore"], health.Unknown);
    }

    [Fact]
    public void The_mailbox_is_asked_by_one_tag_and_believed_where_it_answers()
    {
        var message = FirmwareMailbox.Question();
        Assert.Equal([28u, 0, 0x30046, 4, 0, 0, 0], message);
        Assert.Null(FirmwareMailbox.Answer(message)); // nobody answered
        (message[1], message[4], message[5]) = (0x80000000, 0x80000004, 0x50005);
        Assert.Equal(new FirmwareFlags(0x50005), FirmwareMailbox.Answer(message));
        message[1] = 0x80000001; // an error
        Assert.Null(FirmwareMailbox.Answer(message));

        _board.Write(FirmwareMailbox.Device, ""); // no device at all: ioctl refuses
        Assert.Null(FirmwareMailbox.Read(Path.Combine(_board.Root, FirmwareMailbox.Device)));
    }

    [Fact]
    public void The_hottest_sensor_of_the_processor_counts_and_others_only_without_one()
    {
        _board.Write("sys/class/thermal/thermal_zone1/type", "battery\n");
        _board.Write("sys/class/thermal/thermal_zone1/temp", "90000\n");
        _board.Write("sys/class/thermal/thermal_zone2/type", "soc-thermal\n");
        _board.Write("sys/class/thermal/thermal_zone2/temp", "61000\n");
        _board.Write("sys/class/thermal/thermal_zone3/type", "cpu-off\n");
        _board.Write("sys/class/thermal/thermal_zone3/temp", "-274000\n");
        Assert.Equal(61, Read().TemperatureCelsius);

        foreach (var zone in (string[])["thermal/thermal_zone0", "thermal/thermal_zone2", "thermal/thermal_zone3", "hwmon/hwmon0"])
            Directory.Delete(Path.Combine(_board.Root, "sys/class", zone), recursive: true);
        Assert.Equal(90, Read().TemperatureCelsius);
    }

    [Theory]
    [InlineData(" wlan0: 0000   54.  -56.  -256  0\n wlan1: 0000   70.  -40.  -256  0\n", "wlan1", -40)]
    [InlineData(" wlan0: 0000    0     0     0   0\n", null, 0)] // the driver tells none
    [InlineData(" wlan0: 0000   54.\n", null, 0)]
    [InlineData(" wlan0: 0000   54.  x\n: : :", null, 0)]
    [InlineData("", null, 0)]
    public void The_strongest_Wi_Fi_counts(string table, string? name, int signal)
    {
        var wifi = BoardProbe.Wifi(table);
        Assert.Equal((name, signal), (wifi?.Interface, wifi?.Signal ?? 0));
    }

    [Theory]
    [InlineData("MemTotal:\n")]
    [InlineData("MemTotal: many kB\n")]
    [InlineData("")]
    public void What_cannot_be_read_is_unknown(string table) => Assert.Null(BoardProbe.Memory(table, "MemTotal:"));

    private BoardHealth Read() => new BoardProbe(_board.Root, _board.Root).Read();
}
