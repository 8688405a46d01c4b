using System.Diagnostics.Metrics;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>
/// Counts what is dropped, by stage and reason: for the metric <c>edgecam.drops</c>, for tests, and for one line of log a second at most.
/// </summary>
internal sealed class DropCounters : IDisposable
{
    private static readonly int s_reasons = Enum.GetValues<DropReason>().Length;

    private readonly long[] _counts = new long[Enum.GetValues<Stage>().Length * s_reasons];
    private readonly Meter _meter = new(AgentMeter.Name);
    private readonly Counter<long> _drops;

    public DropCounters() =>
        _drops = _meter.CreateCounter<long>("edgecam.drops", unit: "{item}", description: "What was dropped, by stage and reason");

    public void Count(Stage stage, DropReason reason, long count = 1)
    {
        if (count == 0)
            return;
        Interlocked.Add(ref _counts[((int)stage * s_reasons) + (int)reason], count);
        _drops.Add(count, new("stage", stage.ToString()), new("reason", reason.ToString()));
    }

    public long this[Stage stage, DropReason reason] => Volatile.Read(ref _counts[((int)stage * s_reasons) + (int)reason]);

    /// <summary>What was dropped since the start, without what never happened.</summary>
    public IEnumerable<(Stage Stage, DropReason Reason, long Count)> All()
    {
        for (var i = 0; i < _counts.Length; i++)
        {
            if (Volatile.Read(ref _counts[i]) is > 0 and var count)
                yield return ((Stage)(i / s_reasons), (DropReason)(i % s_reasons), count);
        }
    }

    /// <summary>Writes a line for what was dropped since the last one, as long as there is any.</summary>
    public async Task RunAsync(ILogger log, TimeProvider time, CancellationToken stop)
    {
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        var written = new long[_counts.Length];
        try
        {
            while (await second.WaitForNextTickAsync(stop))
            {
                for (var i = 0; i < _counts.Length; i++)
                {
                    var count = Volatile.Read(ref _counts[i]);
                    if (count == written[i])
                        continue;
                    log.Dropped(count - written[i], (Stage)(i / s_reasons), (DropReason)(i % s_reasons));
                    written[i] = count;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }

    public void Dispose() => _meter.Dispose();
}
