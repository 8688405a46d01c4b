using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Control;

/// <summary>What viewers report, in numbers.</summary>
internal sealed class ViewerMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMeter.Name);
    private readonly Histogram<double> _latency;

    public ViewerMetrics() => _latency = _meter.CreateHistogram(
        "edgecam.viewer.latency", unit: "s", description: "From capture to display as viewers measure it: the median of a few seconds each, by camera", tags: null,
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3, 0.5, 0.8, 1.2, 2, 5] });

    /// <param name="camera">One of those configured: a viewer cannot make up more.</param>
    public void RecordLatency(string camera, TimeSpan latency) => _latency.Record(latency.TotalSeconds, new KeyValuePair<string, object?>("camera", camera));

    public void Dispose() => _meter.Dispose();
}
