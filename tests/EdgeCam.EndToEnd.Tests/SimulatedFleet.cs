using System.Globalization;
using System.Text.Json.Nodes;
using EdgeCam.Agent.Tests.Support;
using EdgeCam.EndToEnd.Tests.Network;

namespace EdgeCam.EndToEnd.Tests;

/// <summary>Simulated devices in a process of their own, and what it tells of them each half second.</summary>
internal sealed class SimulatedFleet : IAsyncDisposable
{
    private readonly List<Reading> _readings = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ChildProcess _process;

    /// <param name="inside">Where it runs; null: where the tests run.</param>
    public SimulatedFleet(string broker, int devices, NetNamespace? inside, params string[] more)
    {
        Devices = devices;
        string[] arguments =
            ["fleet", "--broker", broker, "--username", "{device}", "--devices", devices.ToString(CultureInfo.InvariantCulture), "--report", "0.5", .. more];
        _process = inside?.Start(Workplace.Sims, arguments, Take) ?? ChildProcess.Start(Workplace.Sims, arguments, Take);
    }

    public int Devices { get; }

    public int Id => _process.Id;

    public string Log => _process.Log;

    /// <summary>All so far.</summary>
    public IReadOnlyList<Reading> Readings
    {
        get
        {
            lock (_readings)
                return [.. _readings];
        }
    }

    public Reading Latest => Readings is [.., var latest] ? latest : default;

    public async Task WaitUntilReadyAsync(TimeSpan limit)
    {
        try
        {
            await _ready.Task.WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"not all devices are connected after {limit}\n{Log}");
        }
    }

    public Task UntilAsync(Func<Reading, bool> condition, string what, int seconds) => Wait.UntilAsync(() => condition(Latest), () => $"{what}\n{Log}", seconds);

    /// <summary>The next reading: what comes after this moment.</summary>
    public async Task<Reading> NextAsync()
    {
        var before = Readings.Count;
        await Wait.UntilAsync(() => Readings.Count > before + 1, "the fleet tells of itself");
        return Latest;
    }

    /// <summary>Tells it to end, as a service manager does.</summary>
    /// <returns>The table that it ends with.</returns>
    public async Task<string> StopAsync()
    {
        await ChildProcess.SignalAsync(_process.Id, "TERM");
        Assert.True(await _process.WaitForExitAsync(TimeSpan.FromSeconds(20)), $"the fleet still runs\n{Log}");
        Assert.True(_process.ExitCode == 0, Log);
        return string.Join('\n', Log.Split('\n').Where(static line => !line.StartsWith('{') && !line.StartsWith("ready", StringComparison.Ordinal)));
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private void Take(string line, bool isOutput)
    {
        if (line.StartsWith("ready", StringComparison.Ordinal))
            _ready.TrySetResult();
        if (!isOutput || !line.StartsWith('{'))
            return;
        var json = JsonNode.Parse(line)!;
        long Number(string name) => json[name]!.GetValue<long>();
        lock (_readings)
            _readings.Add(new(json["seconds"]!.GetValue<double>(), Number("connected"), Number("connects"), Number("attempts"), Number("mostAttempts"), Number("unsent"), Number("bytesOut"), Number("bytesIn")));
    }

    /// <summary>A line of it: sums since its start.</summary>
    internal readonly record struct Reading(double Seconds, long Connected, long Connects, long Attempts, long MostAttempts, long Unsent, long BytesOut, long BytesIn);
}
