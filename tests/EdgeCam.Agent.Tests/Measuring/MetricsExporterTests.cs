using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.WebRtc.Tests;

namespace EdgeCam.Agent.Tests.Measuring;

/// <summary>Instruments as Prometheus reads them.</summary>
public sealed class MetricsExporterTests : IDisposable
{
    private readonly MetricsExporter _exporter;
    private readonly Meter _meter;

    public MetricsExporterTests()
    {
        var name = Guid.NewGuid().ToString();
        _exporter = new(name);
        _meter = new(name);
    }

    public void Dispose()
    {
        _meter.Dispose();
        _exporter.Dispose();
    }

    [Fact]
    public void A_counter_adds_up_by_its_tags()
    {
        var drops = _meter.CreateCounter<long>("edgecam.drops", "{item}", "What was\ndropped");
        drops.Add(2, new("stage", "Send"), new("reason", "a \"b\" \\"));
        drops.Add(3, new("stage", "Send"), new("reason", "a \"b\" \\"));
        drops.Add(1, new("stage", "Pace"), new KeyValuePair<string, object?>("reason", 7));

        Assert.StartsWith("""
            # HELP edgecam_drops_total What was\ndropped
            # TYPE edgecam_drops_total counter
            edgecam_drops_total{stage="Send",reason="a \"b\" \\"} 5
            edgecam_drops_total{stage="Pace",reason="7"} 1

            """, _exporter.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_at_its_own_boundaries()
    {
        var latency = _meter.CreateHistogram("edgecam.viewer.latency", "s", "Latency", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.05, 0.5] });
        foreach (var seconds in new[] { 0.05, 0.25, 0.25, 2 })
            latency.Record(seconds, new KeyValuePair<string, object?>("camera", "cam0"));

        Assert.Contains("""
            # TYPE edgecam_viewer_latency_seconds histogram
            edgecam_viewer_latency_seconds_bucket{camera="cam0",le="0.05"} 1
            edgecam_viewer_latency_seconds_bucket{camera="cam0",le="0.5"} 3
            edgecam_viewer_latency_seconds_bucket{camera="cam0",le="+Inf"} 4
            edgecam_viewer_latency_seconds_sum{camera="cam0"} 2.55
            edgecam_viewer_latency_seconds_count{camera="cam0"} 4

            """, _exporter.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void So_has_one_of_whole_numbers_and_bits_become_bytes()
    {
        var estimate = _meter.CreateHistogram("edgecam.viewer.estimate", "bit/s", "Estimate", null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [400_000, 1_500_000] });
        foreach (var bits in new[] { 400_000L, 1_000_000, 2_000_000 })
            estimate.Record(bits);

        Assert.Contains("""
            edgecam_viewer_estimate_bytes_per_second_bucket{le="50000"} 1
            edgecam_viewer_estimate_bytes_per_second_bucket{le="187500"} 2
            edgecam_viewer_estimate_bytes_per_second_bucket{le="+Inf"} 3
            edgecam_viewer_estimate_bytes_per_second_sum 425000

            """, _exporter.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void Observed_values_are_taken_when_asked_for()
    {
        var viewers = 3;
        _meter.CreateObservableGauge("edgecam.viewers", () => viewers);
        _meter.CreateObservableCounter("edgecam.sent", () => 10L * viewers, "By");
        _exporter.Write();
        viewers = 4;

        var text = _exporter.Write();

        Assert.Contains("# TYPE edgecam_viewers gauge\nedgecam_viewers 4\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE edgecam_sent_bytes_total counter\nedgecam_sent_bytes_total 40\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_longer_observed_is_no_longer_told()
    {
        var viewers = new List<int>();
        _meter.CreateObservableGauge("edgecam.viewer.loss", () => viewers.Select(viewer => new Measurement<double>(0.5, new KeyValuePair<string, object?>("viewer", viewer))));
        for (var i = 0; i < 3000; i++)
        {
            viewers = [i];
            Assert.Contains($"edgecam_viewer_loss{{viewer=\"{i}\"}} 0.5", _exporter.Write(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("viewer=\"0\"", _exporter.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void Series_are_bounded_and_those_left_out_are_counted()
    {
        var counter = _meter.CreateCounter<long>("many");
        for (var i = 0; i < 1005; i++)
            counter.Add(1, new KeyValuePair<string, object?>("i", i));

        var lines = _exporter.Write().Split('\n');

        Assert.Equal(1000, lines.Count(line => line.StartsWith("many_total{", StringComparison.Ordinal)));
        Assert.Contains("edgecam_metrics_left_out_total 5", lines);
    }

    [Fact]
    public void Recording_what_is_known_allocates_nothing()
    {
        var counter = _meter.CreateCounter<long>("edgecam.known");
        counter.Add(1, new("stage", "Send"), new KeyValuePair<string, object?>("reason", "Fault"));

        Assert.Equal(0, Allocated.By(() =>
        {
            for (var i = 0; i < 100; i++)
                counter.Add(1, new("stage", "Send"), new KeyValuePair<string, object?>("reason", "Fault"));
        }));
    }
}
