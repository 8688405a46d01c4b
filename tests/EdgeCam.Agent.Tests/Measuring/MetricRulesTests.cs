using System.Text.RegularExpressions;
using EdgeCam.Agent.Control;
using EdgeCam.Agent.Devices.Board;
using EdgeCam.Agent.Diagnostics;
using EdgeCam.Agent.Management;
using EdgeCam.Agent.Peers;
using EdgeCam.Agent.Peers.Relays;
using EdgeCam.Agent.Publishing;
using EdgeCam.Agent.Signaling;
using EdgeCam.Agent.Streaming;
using EdgeCam.Agent.Tests.Management;
using EdgeCam.Agent.Tests.Support;

namespace EdgeCam.Agent.Tests.Measuring;

/// <summary>All metrics of the agent keep the rules that <c>promtool check metrics</c> looks for (Prometheus' naming conventions).</summary>
public sealed partial class MetricRulesTests
{
    private static readonly string[] s_abbreviated = ["s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d"];
    private static readonly string[] s_notBase = ["milliseconds", "minutes", "hours", "days", "bits", "kibibytes", "fahrenheit", "percent"];

    [Fact]
    public void Names_units_and_labels_are_prometheus_own()
    {
        var text = Metrics();

        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var types = lines.Where(static line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(static line => line.Split(' ')).ToDictionary(static words => words[2], static words => words[3]);
        Assert.True(types.Count >= 25, $"{types.Count} metrics");
        foreach (var (name, type) in types)
        {
            Assert.Matches("^edgecam(_[a-z][a-z0-9]*)+$", name);
            Assert.True(name.EndsWith("_total", StringComparison.Ordinal) == (type == "counter"), name);
            Assert.DoesNotContain(name.Split('_'), word => s_abbreviated.Contains(word) || s_notBase.Contains(word) || word is "counter" or "gauge" or "histogram" or "summary");
            Assert.DoesNotMatch("_(bucket|count|sum|info)$", name);
            Assert.Matches($"(?m)^# HELP {name} \\S+.*$", text);
        }

        foreach (var line in lines.Where(static line => line[0] != '#'))
        {
            var match = Sample().Match(line);
            Assert.True(match.Success, line);
            foreach (Capture label in match.Groups["label"].Captures)
            {
                Assert.Matches("^[a-z][a-z_]*$", label.Value);
                Assert.NotEqual("quantile", label.Value);
                Assert.True(label.Value != "le" || line.Contains("_bucket{", StringComparison.Ordinal), line);
            }
        }
    }

    /// <summary>Each instrument of the agent, measured once.</summary>
    private static string Metrics()
    {
        using var exporter = new MetricsExporter();
        using var drops = new DropCounters();
        using var signaling = new SignalingMetrics();
        using var viewers = new ViewerMetrics();
        using var runtime = new RuntimeMetrics();
        using var peers = new PeerMetrics();
        using var relays = new RelayMetrics();
        using var board = new BoardMetrics(static () => new(50, true, true, false, false, "wlan0", -50, 2, 1, 2, 1, 0.5, 0.5, 0.5, 100));
        using var telemetry = new TelemetryMetrics(new TelemetryRig().Sources);
        var stream = new LiveStream("cam0", static () => MonotonicClock.Now);
        stream.EncodeDelay.Add(TimeSpan.FromMilliseconds(20));
        using var streams = new StreamMetrics([stream]);
        using var outputs = new PublishMetrics(static () => [new("sfu", "cam0", "publishing", "sfu.example")]);
        outputs.Count("sfu", "published");
        drops.Count(Stage.Pace, DropReason.SlowReceiver);
        signaling.Received("offer");
        signaling.Answered(0, TimeSpan.FromMilliseconds(3));
        viewers.RecordLatency("cam0", TimeSpan.FromMilliseconds(100));
        peers.Record("cam0", new(2_000_000, 0, default, TimeSpan.FromMilliseconds(5), 3, 2, 1000, 1), default);
        relays.CountAllocation();
        relays.CountFailure(null);
        return exporter.Write();
    }

    [GeneratedRegex("""^[a-z0-9_]+(?:\{(?:(?<label>[A-Za-z_]+)="(?:[^"\\]|\\.)*",?)+\})? (?:[0-9.E+-]+|\+Inf)$""")]
    private static partial Regex Sample();
}
