using System.Diagnostics;
using System.Globalization;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>What goes wrong on a device, provoked from outside: the service is back by itself, and what need not end does not.</summary>
[Collection(OnSharedDevice.Name)]
public sealed class FaultTests(SharedDevice shared, ITestOutputHelper output)
{
    /// <summary>The figure to be shown; a machine that runs all tests at once, and simulates a processor besides, has more time.</summary>
    private static readonly TimeSpan s_back = InstalledDevice.Watchdog * (Workplace.IsSoak ? 2 : 4);

    private static int Rounds => Workplace.IsSoak ? 20 : 1;

    [Fact]
    public async Task Killed_stopped_or_hanging_it_is_back_within_two_watchdog_periods()
    {
        var device = await shared.GetAsync();
        await BackAsync(device, "SIGKILL", pid => $"kill -KILL {pid}");
        if (Workplace.IsSoak) // in short, what follows shows the same of the watchdog
            await BackAsync(device, "SIGSTOP", pid => $"kill -STOP {pid}");

        // The thread that waits for all sockets of MQTT and HTTP gets no further; pictures and packets of viewers go on.
        var freezer = await GuestHost.FreezerAsync();
        await device.Guest.CopyToAsync(freezer, "/usr/local/bin/freeze");
        await BackAsync(device, "sockets hang", pid =>
            $"for task in /proc/{pid}/task/*; do if [ \"$(cat $task/comm)\" = '.NET Sockets' ]; then freeze ${{task##*/}} < /dev/null > /dev/null 2>&1 & fi; done");
    }

    [Fact]
    public async Task A_camera_that_stops_or_is_pulled_out_costs_its_picture_and_nothing_else()
    {
        var device = await shared.GetAsync();
        var process = await device.MainProcessAsync();
        using var viewer = await device.WatchAsync();
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(60));
        for (var round = 0; round < Rounds; round++)
        {
            await device.Guest.StallCameraAsync();
            await device.Guest.UntilAsync("systemctl show edgecam -P StatusText | grep -q 'cam0 lost'", "the status names the camera that gives nothing");
            Assert.Equal("lost", (await device.HealthAsync())["cameras"]![0]!["state"]!.GetValue<string>());
            if (round == 0 && Workplace.IsSoak)
                await Task.Delay(s_back); // longer than the watchdog's patience
            await device.Guest.ResumeCameraAsync();
            await PicturesGoOnAsync(device, viewer);
        }

        // Seven times between two boots, and the loopback device is used up.
        for (var round = 0; round < Math.Min(Rounds, 7); round++)
        {
            await device.Guest.UnplugCameraAsync();
            await device.Guest.UntilAsync("systemctl show edgecam -P StatusText | grep -q 'cam0 lost'", "the status names the camera that is gone");
            await device.Guest.PlugCameraAsync();
            await PicturesGoOnAsync(device, viewer);
        }

        output.WriteLine(await device.ServiceAsync("StatusText"));
        Assert.Equal(process, await device.MainProcessAsync());
            }

    [Fact]
    public async Task A_power_cut_at_any_moment_ends_in_a_picture()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var device = await InstalledDevice.StartAsync();
        await device.Guest.OutputAsync("ln -s ../simulated-camera.service /etc/systemd/system/multi-user.target.wants/ && sync");
        List<double> times = [];
        for (var round = 0; round < Rounds; round++)
        {
            var moment = random.NextDouble() * 25;
            if (round > 0) // in the midst of a boot as well, of the service's start, and of a restart
            {
                await device.Guest.RunAsync("systemctl restart --no-block edgecam");
                await Task.Delay(TimeSpan.FromSeconds(moment));
            }

            await device.Guest.CutPowerAsync();
            await device.Guest.BootAsync();
            times.Add((await device.UntilLiveAsync(TimeSpan.FromMinutes(3))).TotalSeconds);
            using var viewer = await device.WatchAsync();
            await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(60));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {times.Count} power cuts; after ssh answers, live within {times.Max():F1} s"));
    }

    private async Task BackAsync(InstalledDevice device, string name, Func<int, string> fault)
    {
        List<double> times = [];
        for (var round = 0; round < Rounds; round++)
        {
            await device.UntilLiveAsync();
            var process = await device.MainProcessAsync();
            var since = Stopwatch.StartNew();
            await device.Guest.OutputAsync(fault(process));
            await device.Guest.UntilAsync($"test $(systemctl show edgecam -P MainPID) -gt 0 -a $(systemctl show edgecam -P MainPID) -ne {process}", $"{name}: another process runs", s_back * 2);
            await device.UntilLiveAsync(s_back);
            times.Add(since.Elapsed.TotalSeconds);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {times.Count} times; live again after {times.Average():F1} s, {times.Max():F1} s at most"));
        Assert.All(times, time => Assert.InRange(time, 0, s_back.TotalSeconds));
    }

    private static async Task PicturesGoOnAsync(InstalledDevice device, LoadViewer viewer)
    {
        await device.UntilLiveAsync();
        var before = viewer.Pictures;
        var since = Stopwatch.StartNew();
        while (viewer.Pictures < before + 10)
        {
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(30), $"the viewer sees nothing: {viewer.Failure}");
            await Task.Delay(50);
        }
    }
}
