using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Streaming;

/// <summary>The streams, in numbers that are there anyway and looked at when somebody asks.</summary>
internal sealed class StreamMetrics : IDisposable
{
    private static readonly int[] s_percentiles = [50, 95]; // "quantile" is a label of Prometheus' summaries

    private readonly Meter _meter = new(AgentMeter.Name);

    public StreamMetrics(IEnumerable<LiveStream> cameras)
    {
        LiveStream[] streams = [.. cameras.SelectMany(static camera => camera.Substream is { } sub ? (LiveStream[])[camera, sub] : [camera])];
        _meter.CreateObservableGauge("edgecam.stream.encode_delay", () => EncodeDelays(streams), unit: "s", description: "From capture to the packetized picture, since the start");
        _meter.CreateObservableCounter("edgecam.stream.pictures", () => streams.Select(static stream =>
            new Measurement<long>(stream.Pictures, new KeyValuePair<string, object?>("stream", stream.Name))), unit: "{picture}", description: "Pictures since the start");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<double>> EncodeDelays(LiveStream[] streams) =>
        from stream in streams
        where stream.EncodeDelay.Count > 0
        from percentile in s_percentiles
        select new Measurement<double>(stream.EncodeDelay.Quantile(percentile / 100.0).TotalSeconds, new("stream", stream.Name), new("percentile", percentile));
}
