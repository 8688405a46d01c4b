using System.Diagnostics;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>
/// What the program of a package costs this machine, where times are those of a real processor; <see cref="Device.FootprintTests"/> has the
/// same of a whole device.
/// </summary>
public sealed class HostFootprintTests(ITestOutputHelper output)
{
    private const string Socket = "NOTIFY_SOCKET";

    private static int Seconds => Workplace.IsSoak ? 600 : 15;

    [Fact]
    public async Task Start_memory_and_writes()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("EDGECAM_PROGRAM") is not null, "EDGECAM_PROGRAM names no program of a package: run.sh --soak Footprint builds one");
        foreach (var isCold in (bool[])[true, false])
            await StartAsync(isCold);

        await using var agent = await AgentProcess.StartAsync();
        await Task.Delay(TimeSpan.FromSeconds(5));
        Print($"at rest: {ProcessUse.Of(agent.Id)}");
        var before = Use(agent.Id);
        await Task.Delay(TimeSpan.FromSeconds(Seconds));
        var after = Use(agent.Id);
        Print($"at rest for {Seconds} s, with a camera of 30 pictures a second: {(after.Ticks - before.Ticks) / 100.0 / Seconds:P1} of a core, {(after.Switches - before.Switches) / Seconds} switches a second, {after.Written - before.Written} bytes written");
        Assert.True(after.Written - before.Written <= 100_000 + (Seconds * 1000), "the program wears the card");

        using var http = await agent.HttpWithTokenAsync(TimeSpan.FromSeconds(10));
        using var viewer = await LoadViewer.JoinAsync(agent.Whep(), http);
        await viewer.WaitForPictureAsync(TimeSpan.FromSeconds(10));
        before = Use(agent.Id);
        await Task.Delay(TimeSpan.FromSeconds(10));
        Print($"with a viewer: {ProcessUse.Of(agent.Id)}; {(Use(agent.Id).Ticks - before.Ticks) / 1000.0:P1} of a core");
    }

    private async Task StartAsync(bool isCold)
    {
        if (isCold && Environment.IsPrivilegedProcess)
            await File.WriteAllTextAsync("/proc/sys/vm/drop_caches", "3");
        using var manager = new NotifySocket($"@edgecam-footprint-{Environment.ProcessId}-{isCold}");
        var live = 0L;
        Environment.SetEnvironmentVariable(Socket, manager.Name);
        var began = Stopwatch.GetTimestamp();
        var starting = AgentProcess.StartAsync(onLine: line =>
        {
            if (line.Contains("Camera cam0: live", StringComparison.Ordinal))
                Interlocked.CompareExchange(ref live, Stopwatch.GetTimestamp(), 0);
        });
        await using var agent = await starting;
        Environment.SetEnvironmentVariable(Socket, null);
        await Wait.UntilAsync(() => manager.Count("READY=1") == 1 && Volatile.Read(ref live) != 0, "READY");
        var ready = manager.Said.First(static said => said.State.StartsWith("READY=1", StringComparison.Ordinal)).At;
        Print($"{(isCold ? "cold" : "warm")} start: READY after {Stopwatch.GetElapsedTime(began, ready).TotalMilliseconds:F0} ms, first picture after {Stopwatch.GetElapsedTime(began, live).TotalMilliseconds:F0} ms");
    }

    /// <summary>Hundredths of a second of CPU, switches of all threads, bytes written.</summary>
    private static (long Ticks, long Switches, long Written) Use(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat").Split(") ")[1].Split(' ');
        var switches = Directory.GetDirectories($"/proc/{process}/task").Sum(static thread => Numbers($"{thread}/status", "ctxt_switches"));
        return (Number(stat[11]) + Number(stat[12]), switches, Numbers($"/proc/{process}/io", "write_bytes"));
    }

    private static long Numbers(string file, string key) => File.ReadAllLines(file)
        .Where(line => line.Contains(key, StringComparison.Ordinal) && !line.StartsWith("cancelled", StringComparison.Ordinal)).Sum(static line => Number(line.Split(':')[1]));

    private static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private void Print(FormattableString text) => output.WriteLine(FormattableString.Invariant(text));
}
