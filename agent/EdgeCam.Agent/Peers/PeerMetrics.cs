using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Congestion;

namespace EdgeCam.Agent.Peers;

/// <summary>How the networks to the viewers do, in numbers.</summary>
internal sealed class PeerMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMeter.Name);
    private readonly Histogram<long> _estimate;
    private readonly Histogram<double> _queueingDelay;
    private readonly Counter<long> _probes, _decreases, _padding;

    public PeerMetrics()
    {
        _estimate = _meter.CreateHistogram(
            "edgecam.viewer.estimate", unit: "bit/s", description: "What the network to a viewer carries, each viewer once a second, by camera", tags: null,
            advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [100_000, 200_000, 400_000, 800_000, 1_500_000, 3_000_000, 6_000_000, 12_000_000, 50_000_000] });
        _queueingDelay = _meter.CreateHistogram(
            "edgecam.viewer.queueing_delay", unit: "s", description: "What stands in queues on the way to a viewer, each viewer once a second, by camera", tags: null,
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1] });
        _probes = _meter.CreateCounter<long>("edgecam.viewer.probes", unit: "{probe}", description: "Clusters sent at a higher rate to see whether it passes");
        _decreases = _meter.CreateCounter<long>("edgecam.viewer.estimate_decreases", unit: "{decrease}", description: "How often an estimate had to go down");
        _padding = _meter.CreateCounter<long>("edgecam.viewer.padding", unit: "By", description: "Sent for probes only");
    }

    /// <summary>Once a second for each viewer.</summary>
    public void Record(string camera, in CongestionStatistics now, in CongestionStatistics before)
    {
        var tag = new KeyValuePair<string, object?>("camera", camera);
        _estimate.Record(now.TargetBitrate, tag);
        _queueingDelay.Record(now.QueueingDelay.TotalSeconds, tag);
        _probes.Add(now.ProbesStarted - before.ProbesStarted, tag);
        _decreases.Add(now.Decreases - before.Decreases, tag);
        _padding.Add(now.PaddingBytes - before.PaddingBytes, tag);
    }

    public void Dispose() => _meter.Dispose();
}
