using System.Diagnostics;
using EdgeCam.Sims.Fleet.Model;

namespace EdgeCam.Sims.Fleet;

/// <summary>All devices: switches them on one after the other, tells how they do, and waits for each at the end.</summary>
internal sealed class DeviceFleet(FleetOptions options, FleetDialer dialer, TextWriter output)
{
    private readonly FleetCounters _counters = new();

    /// <summary>Until stopped; then every device says farewell.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var report = new FleetReport(options, _counters, output);
        var devices = new FleetDevice[options.Devices];
        var running = new Task[options.Devices];
        for (var i = 0; i < devices.Length; i++)
        {
            var random = new Random(HashCode(options.Seed, i));
            devices[i] = new(new SimulatedAgent(AgentProfile.Create(options, i + 1, random), TimeProvider.System), options, dialer, _counters, random.NextDouble);
            running[i] = devices[i].RunAsync(TimeSpan.FromSeconds(i / options.StartRate), stop);
        }

        await TellAsync(report, devices, stop);
        await Task.WhenAll(running);
        report.WriteTable();
    }

    /// <summary>The same on every machine, which .NET's own is not.</summary>
    private static int HashCode(int seed, int device) => unchecked((seed * 486_187_739) + (device * 16_777_619) + 1013);

    private async Task TellAsync(FleetReport report, FleetDevice[] devices, CancellationToken stop)
    {
        var (began, next, isReady) = (Stopwatch.StartNew(), options.Report, false);
        var (look, pending) = (TimeSpan.FromMilliseconds(100), 0);
        try
        {
            while (true)
            {
                await Task.Delay(isReady || next - began.Elapsed < look ? Max(next - began.Elapsed, TimeSpan.Zero) : look, stop);
                while (!isReady && pending < devices.Length && devices[pending].WasConnected)
                    pending++;
                if (!isReady && pending == devices.Length)
                {
                    isReady = true;
                    output.WriteLine($"ready {devices.Length} devices at {options.Broker}");
                    output.Flush();
                    report.Ready();
                }

                if (began.Elapsed < next)
                    continue;
                report.WriteLine();
                next += options.Report;
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
    }

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
