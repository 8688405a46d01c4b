using System.Globalization;

namespace EdgeCam.EndToEnd.Tests.Device;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>An operator has the board reboot, through the units of the package: not right after a boot, later it does, and is live again.</summary>
public sealed class RebootTests(ITestOutputHelper output)
{
    private static readonly TimeSpan s_peace = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task A_board_reboots_when_it_is_told_to_but_not_right_after_a_boot()
    {
        await using var device = await InstalledDevice.StartAsync();
        await device.Guest.OutputAsync("ln -s ../simulated-camera.service /etc/systemd/system/multi-user.target.wants/ && sync");
        await using var ann = await Operator.ConnectAsync(null, await device.LoginAsync("view,manage"));
        if (await UptimeAsync(device) < s_peace - TimeSpan.FromSeconds(30))
        {
            var refused = (await ann.TryCallAsync("device.reboot"))["error"];
            Assert.NotNull(refused);
            output.WriteLine(refused.ToJsonString());
        }

        for (TimeSpan uptime; (uptime = await UptimeAsync(device)) < s_peace;)
            await Task.Delay(s_peace - uptime + TimeSpan.FromSeconds(1));
        var boot = await BootIdAsync(device);
        await ann.CallAsync("device.reboot");
        await device.Guest.UntilAsync($"test \"$(cat /proc/sys/kernel/random/boot_id)\" != {boot}", "another boot", TimeSpan.FromMinutes(4));
        var live = await device.UntilLiveAsync(TimeSpan.FromMinutes(3));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"live {live.TotalSeconds:F1} s after ssh answers"));
        Assert.Equal("", await device.Guest.OutputAsync("ls /run/edgecam/reboot 2> /dev/null || true"));
    }

    private static async Task<TimeSpan> UptimeAsync(InstalledDevice device) =>
        TimeSpan.FromSeconds(double.Parse((await device.Guest.OutputAsync("cat /proc/uptime")).Split(' ')[0], CultureInfo.InvariantCulture));

    private static Task<string> BootIdAsync(InstalledDevice device) => device.Guest.OutputAsync("cat /proc/sys/kernel/random/boot_id");
}
