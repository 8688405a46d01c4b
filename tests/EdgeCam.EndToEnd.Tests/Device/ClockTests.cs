using System.Diagnostics;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>A board has no battery for its clock: it starts in 1970, and jumps when time comes.</summary>
[Collection(OnSharedDevice.Name)]
public sealed class ClockTests(SharedDevice shared, ITestOutputHelper output)
{
    [Fact]
    public async Task Started_in_1970_it_lets_nobody_in_until_time_comes()
    {
        var device = await shared.GetAsync();
        var login = await device.LoginAsync(); // good, by the true time
        await device.Guest.SetClockAsync(DateTime.UnixEpoch.AddHours(1)); // the kernel takes none before its own start
        await device.Guest.OutputAsync("systemctl restart edgecam");
        await device.UntilLiveAsync();
        var status = await device.ServiceAsync("StatusText");
        output.WriteLine(status);
        Assert.Contains("the clock is not set (1970-01-01)", status, StringComparison.Ordinal);
        Assert.Equal("unset", (await device.HealthAsync())["clock"]!["state"]!.GetValue<string>());
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () => await (await Operator.ConnectAsync(null, (System.Text.Json.Nodes.JsonObject)login.DeepClone())).DisposeAsync());
        output.WriteLine(refused.Message.Split('\n')[0]);

        await device.Guest.SetClockAsync(DateTime.UtcNow);
        await device.Guest.UntilAsync("! systemctl show edgecam -P StatusText | grep -q 'clock'", "the status no longer names the clock");
        await using var alice = await Operator.ConnectAsync(null, login);
        await alice.CallAsync("device.info");
    }

    [Fact]
    public async Task A_jump_of_a_year_either_way_ends_no_session()
    {
        var device = await shared.GetAsync();
        using var viewer = await device.WatchAsync();
        await using var alice = await Operator.ConnectAsync(null, await device.LoginAsync());
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(60));
        var process = await device.MainProcessAsync();
        foreach (var years in new[] { 1, -1, 0 })
        {
            await device.Guest.SetClockAsync(DateTime.UtcNow.AddYears(years));
            await WatchedAsync(viewer, Workplace.IsSoak ? 60 : 6);
            await alice.CallAsync("gpio.write", new() { ["line"] = "lamp", ["value"] = years != 0 });
            Assert.Equal(years != 0 ? 1 : 0, await device.Guest.GpioLineAsync(InstalledDevice.Lamp));
        }

        Assert.Equal(process, await device.MainProcessAsync());
        using var late = await device.WatchAsync();
        await late.WaitForPictureAsync(TimeSpan.FromSeconds(60));
    }

    private async Task WatchedAsync(LoadViewer viewer, int seconds)
    {
        var (before, since) = (viewer.Pictures, Stopwatch.StartNew());
        var (last, changed) = (before, TimeSpan.Zero);
        var longest = TimeSpan.Zero;
        while (since.Elapsed < TimeSpan.FromSeconds(seconds))
        {
            await Task.Delay(20);
            if (viewer.Pictures == last)
                continue;
            (last, changed, longest) = (viewer.Pictures, since.Elapsed, since.Elapsed - changed > longest ? since.Elapsed - changed : longest);
        }

        output.WriteLine($"{last - before} pictures in {seconds} s, the longest pause {longest.TotalMilliseconds:F0} ms; {viewer.Failure ?? "the session stands"}");
        Assert.Null(viewer.Failure);
        Assert.True(since.Elapsed - changed < TimeSpan.FromSeconds(3), "no picture for 3 s");
    }
}
