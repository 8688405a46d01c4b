using System.Diagnostics.Metrics;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>What .NET's memory management costs: how often it collects, and how long it held up all threads.</summary>
internal sealed class RuntimeMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMeter.Name);

    public RuntimeMetrics()
    {
        _meter.CreateObservableCounter("edgecam.runtime.collections", Collections, "{collection}", "Garbage collections by the oldest generation that they took");
        _meter.CreateObservableCounter("edgecam.runtime.paused", static () => GC.GetTotalPauseDuration().TotalSeconds, "s", "For so long all threads were held up for collections");
        _meter.CreateObservableGauge("edgecam.runtime.full_pause", static () => LongestPause().TotalSeconds, "s", "The longest pause of the latest full collection");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Collections()
    {
        for (var generation = 0; generation <= GC.MaxGeneration; generation++)
        {
            var older = generation == GC.MaxGeneration ? 0 : GC.CollectionCount(generation + 1); // each counts to the younger ones also
            yield return new(GC.CollectionCount(generation) - older, new KeyValuePair<string, object?>("generation", generation));
        }
    }

    /// <summary>A concurrent one pauses more than once; it and a blocking one are remembered apart.</summary>
    private static TimeSpan LongestPause()
    {
        var (blocking, concurrent) = (GC.GetGCMemoryInfo(GCKind.FullBlocking), GC.GetGCMemoryInfo(GCKind.Background));
        var longest = TimeSpan.Zero;
        foreach (var pause in (blocking.Index > concurrent.Index ? blocking : concurrent).PauseDurations)
            longest = pause > longest ? pause : longest;
        return longest;
    }
}
