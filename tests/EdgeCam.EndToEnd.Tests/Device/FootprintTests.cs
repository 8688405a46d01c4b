using System.Globalization;

namespace EdgeCam.EndToEnd.Tests.Device;

/// <summary>What the service costs a device. On a simulated processor times say little; memory, writes and wake-ups are those of a device.</summary>
[Collection(OnSharedDevice.Name)]
public sealed class FootprintTests(SharedDevice shared, ITestOutputHelper output)
{
    private static int Seconds => Workplace.IsSoak ? 600 : 15;

    [Fact]
    public async Task Start_memory_and_writes()
    {
        var device = await shared.GetAsync();
        await device.Guest.OutputAsync("systemctl stop edgecam && sync && echo 3 > /proc/sys/vm/drop_caches && systemctl start edgecam");
        await device.UntilLiveAsync();
        var (started, ready) = (Number(await device.ServiceAsync("ExecMainStartTimestampMonotonic")), Number(await device.ServiceAsync("ActiveEnterTimestampMonotonic")));
        var live = await device.Guest.OutputAsync($"journalctl -u edgecam _PID={await device.MainProcessAsync()} -o json --output-fields=MESSAGE | grep 'cam0: live' | head -n 1 | grep -o '\"__MONOTONIC_TIMESTAMP\":\"[0-9]*' | grep -o '[0-9]*$'");
        Print($"cold start in the guest: READY after {(ready - started) / 1000:F0} ms, first picture after {(Number(live) - started) / 1000:F0} ms");
        Print($"at rest: {await MemoryAsync(device)}");

        var before = await UseAsync(device);
        await Task.Delay(TimeSpan.FromSeconds(Seconds));
        var use = (await UseAsync(device)).Zip(before, static (now, then) => now - then).ToArray();
        var perDay = 86400.0 / Seconds;
        Print($"at rest for {Seconds} s, with a camera of 30 pictures a second: {use[0] / 1e7 / Seconds:F1} % of a (simulated) core, {use[1] / Seconds:F0} wake-ups a second");
        Print($"{use[2]} bytes written by the service ({use[2] * perDay / 1e6:F1} MB a day), {use[3] * 512} by the whole device ({use[3] * 512 * perDay / 1e6:F0} MB a day)");
        Assert.True(use[2] <= 100_000 + (Seconds * 1000), "the service wears the card");

        using var viewer = await device.WatchAsync();
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(60));
        await Task.Delay(TimeSpan.FromSeconds(5));
        Print($"with a viewer: {await MemoryAsync(device)}");
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static async Task<string> MemoryAsync(InstalledDevice device)
    {
        var kilobytes = await device.Guest.OutputAsync("for p in $(cat /sys/fs/cgroup/system.slice/edgecam.service/cgroup.procs); do awk '/^VmRSS/{printf \"%s \", $2}' /proc/$p/status; done");
        return $"agent and guard {string.Join(" + ", kilobytes.Split(' ').Select(static text => $"{Number(text) / 1024:F0}"))} MB resident, {Number(await device.ServiceAsync("MemoryCurrent")) / 1048576:F0} MB of the service's own";
    }

    /// <summary>CPU ns, switches of all threads, bytes written by the processes, sectors written on the disk.</summary>
    private static async Task<long[]> UseAsync(InstalledDevice device)
    {
        var text = await device.Guest.OutputAsync("""
            systemctl show edgecam -P CPUUsageNSec
            P=$(cat /sys/fs/cgroup/system.slice/edgecam.service/cgroup.procs)
            for p in $P; do cat /proc/$p/task/*/status; done | awk '/ctxt_switches/{sum += $2} END {print sum}'
            for p in $P; do cat /proc/$p/io; done | awk '/^write_bytes/{sum += $2} END {print sum}'
            awk '{print $7}' /sys/block/vda/stat
            """);
        return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => long.Parse(line, CultureInfo.InvariantCulture))];
    }

    private void Print(FormattableString text) => output.WriteLine(FormattableString.Invariant(text));
}
