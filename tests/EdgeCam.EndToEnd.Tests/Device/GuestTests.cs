using System.Diagnostics;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>The simulated device itself: what other tests of the device build on.</summary>
public sealed class GuestTests(ITestOutputHelper output)
{
    [Fact]
    public async Task A_guest_is_there_in_seconds_with_its_clock_right()
    {
        var since = Stopwatch.StartNew();
        await using var guest = await Guest.StartAsync();
        output.WriteLine($"there after {since.Elapsed.TotalSeconds:F1} s");
        Assert.Equal("aarch64 running", await guest.OutputAsync("echo $(uname -m) $(systemctl is-system-running)"));
        Assert.InRange((DateTime.UtcNow - await guest.ClockAsync()).TotalSeconds, -3, 5);

        await guest.SetClockAsync(new(2031, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        Assert.InRange((await guest.ClockAsync() - new DateTime(2031, 2, 3, 4, 5, 6, DateTimeKind.Utc)).TotalSeconds, 0, 30);

        var failed = await guest.RunAsync("echo out; echo err >&2; exit 7");
        Assert.Equal(new GuestResult(7, "out\n", "err\n"), failed);
        await Assert.ThrowsAsync<TimeoutException>(() => guest.RunAsync("sleep 60", TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public async Task Lines_and_registers_hold_what_is_written()
    {
        await using var guest = await Guest.StartAsync();
        Assert.Equal(0, await guest.GpioLineAsync(5));
        await guest.OutputAsync($"gpioset -z -c {Guest.GpioChip} 5=1 < /dev/null > /dev/null 2>&1");
        await guest.UntilAsync("grep -q 1 /run/simulated-hardware/gpio/sim_gpio5/value", "the line is high");
        Assert.Equal(1, await guest.GpioLineAsync(5));
        await guest.OutputAsync("pkill gpioset");

        await guest.PullAsync(3, GpioPull.Up);
        Assert.Equal("\"3\"=active", await guest.OutputAsync($"gpioget -c {Guest.GpioChip} 3"));
        await guest.PullAsync(3, GpioPull.Down);
        Assert.Equal("\"3\"=inactive", await guest.OutputAsync($"gpioget -c {Guest.GpioChip} 3"));

        Assert.Equal("0x42", await guest.OutputAsync("i2cset -y 0 0x40 0x06 0x42 && i2cget -y 0 0x40 0x06"));
        Assert.Equal("0x00", await guest.OutputAsync("i2cget -y 0 0x48 0x06"));
        Assert.NotEqual(0, (await guest.RunAsync("i2cget -y 0 0x41 0x06")).ExitCode); // nobody there
    }

    [Fact]
    public async Task The_camera_gives_H264_until_it_is_unplugged()
    {
        await using var guest = await Guest.StartAsync();
        await guest.StartCameraAsync();
        var format = await guest.OutputAsync($"v4l2-ctl -d {Guest.CameraNode} --get-fmt-video --get-parm");
        Assert.Contains("1280/720", format, StringComparison.Ordinal);
        Assert.Contains("'H264'", format, StringComparison.Ordinal);
        Assert.Contains("30.000", format, StringComparison.Ordinal);
        Assert.Equal(60, await PicturesAsync(guest));

        await guest.OutputAsync($"v4l2-ctl -d {Guest.CameraNode} --stream-mmap --stream-poll --stream-count=9999 --stream-to=/tmp/long > /tmp/reader 2>&1 < /dev/null & echo $! > /tmp/pid");
        await guest.UntilAsync("test -s /tmp/long", "the reader reads");
        await guest.UnplugCameraAsync();
        await guest.UntilAsync("! kill -0 $(cat /tmp/pid)", "the reader has noticed");
        Assert.Contains("No such device", await guest.OutputAsync("cat /tmp/reader"), StringComparison.Ordinal);
        Assert.NotEqual(0, (await guest.RunAsync($"test -e {Guest.CameraNode}")).ExitCode);

        await guest.PlugCameraAsync();
        Assert.Equal(60, await PicturesAsync(guest));
    }

    [Fact]
    public async Task A_stalled_camera_is_there_and_gives_nothing()
    {
        await using var guest = await Guest.StartAsync();
        await guest.StartCameraAsync();
        await guest.StallCameraAsync();
        var read = $"timeout 3 v4l2-ctl -d {Guest.CameraNode} --stream-mmap --stream-count=20 --stream-to=/dev/null";
        Assert.Equal(124, (await guest.RunAsync(read)).ExitCode);
        await guest.ResumeCameraAsync();
        Assert.Equal(60, await PicturesAsync(guest));
    }

    [Fact]
    public async Task After_a_power_cut_it_boots_with_what_was_written_to_disk()
    {
        await using var guest = await Guest.StartAsync(tcp: [7777]);
        await guest.OutputAsync("echo kept > /root/kept && sync /root/kept && echo lost > /root/lost");
        await guest.CutPowerAsync();
        var since = Stopwatch.StartNew();
        var clock = new DateTime(2033, 5, 1, 12, 0, 0, DateTimeKind.Utc);
        await guest.BootAsync(clock);
        output.WriteLine($"booted after {since.Elapsed.TotalSeconds:F1} s");

        Assert.Equal("kept", await guest.OutputAsync("cat /root/kept"));
        Assert.Equal("", await guest.OutputAsync("cat /root/lost 2> /dev/null || true"));
        Assert.Contains("recovery complete", await guest.OutputAsync("dmesg"), StringComparison.Ordinal);
        Assert.Contains("Linux version", guest.Console, StringComparison.Ordinal);
        Assert.InRange((await guest.ClockAsync() - clock).TotalMinutes, 0, 5);
        await guest.UntilAsync("systemctl is-active simulated-hardware && test -e /dev/video20 && gpiodetect | grep -q 'gpiochip0 .edgecam-guest'", "the hardware is there again");

        // The ports are still forwarded.
        await guest.OutputAsync("printf 'Hi' > /tmp/hi; systemd-socket-activate -l 7777 --inetd -a cat /tmp/hi < /dev/null > /dev/null 2>&1 &");
        await guest.UntilAsync("ss -ltn | grep -q 7777", "something listens");
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(System.Net.IPAddress.Loopback, guest.TcpPort(7777));
        using var reader = new StreamReader(client.GetStream());
        Assert.Equal("Hi", await reader.ReadToEndAsync());
    }

    [Fact]
    public async Task A_cable_pulled_out_is_seen_at_once()
    {
        await using var guest = await Guest.StartAsync();
        // What it sees it says on its console: by ssh it cannot be asked meanwhile.
        await guest.OutputAsync("(until grep -q 0 /sys/class/net/en*/carrier; do sleep 0.1; done; echo the cable is out > /dev/console) > /dev/null 2>&1 < /dev/null &");
        await guest.SetLinkAsync(isUp: false);
        await Wait.UntilAsync(() => guest.Console.Contains("the cable is out", StringComparison.Ordinal), "the guest sees its cable go", seconds: 30);
        await guest.SetLinkAsync(isUp: true);
        await guest.UntilAsync("ip -o link show up | grep -q en.*LOWER_UP", "the cable is there again");
    }

    /// <returns>How many pictures a reader that asks for 60 is given.</returns>
    private static async Task<int> PicturesAsync(Guest guest)
    {
        var log = await guest.OutputAsync($"v4l2-ctl -d {Guest.CameraNode} --verbose --stream-mmap --stream-poll --stream-count=60 --stream-to=/tmp/read 2>&1");
        return log.Split('\n').Count(line => line.Contains("bytesused", StringComparison.Ordinal) && line.Contains("dqbuf", StringComparison.Ordinal));
    }
}
