namespace EdgeCam.Agent.Tests.Board;

/// <summary>procfs and sysfs of a board, in a folder.</summary>
internal sealed class FakeBoard : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("edgecam-board-").FullName;

    /// <summary>What a Raspberry Pi 4 on Wi-Fi shows.</summary>
    public static FakeBoard RaspberryPi()
    {
        var board = new FakeBoard();
        board.Write("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
        board.Write("sys/class/thermal/thermal_zone0/temp", "48686\n");
        board.Write("sys/class/hwmon/hwmon0/name", "cpu_thermal\n");
        board.Write("sys/class/hwmon/hwmon0/temp1_input", "48686\n");
        board.Write("sys/class/hwmon/hwmon1/name", "rpi_volt\n");
        board.Write("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n");
        board.Write("sys/devices/platform/soc/soc:firmware/get_throttled", "0\n");
        board.Write("proc/net/wireless", """
            Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
             face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
             wlan0: 0000   54.  -56.  -256        0      0      0      0     73        0

            """);
        board.Write("proc/meminfo", "MemTotal:        3884872 kB\nMemFree:         2912000 kB\nMemAvailable:    3400000 kB\n");
        board.Write("proc/loadavg", "0.52 0.58 0.59 1/257 1234\n");
        board.Write("proc/uptime", "35271.54 139212.11\n");
        return board;
    }

    public void Write(string path, string text)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
