using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>Viewers, cameras and the process itself in numbers, looked at when somebody asks.</summary>
internal sealed class TelemetryMetrics : IDisposable
{
    private readonly Meter _meter;

    /// <param name="meter">Whose instruments these are.</param>
    public TelemetryMetrics(TelemetrySources sources, string meter = AgentMeter.Name)
    {
        _meter = new(meter);
        _meter.CreateObservableGauge("edgecam.viewers", sources.ViewerCount, unit: "{viewer}", description: "Viewers, connected or connecting");
        _meter.CreateObservableGauge(
            "edgecam.camera.live", () => sources.Cameras().Select(static camera => new Measurement<int>(camera.IsLive ? 1 : 0, new KeyValuePair<string, object?>("camera", camera.Name))),
            description: "1: pictures come from the camera");
        _meter.CreateObservableGauge(
            "edgecam.stream.bitrate", () => sources.Streams().SelectMany(static stream => stream.Substream is { } sub ? (StreamFigures[])[stream, sub] : [stream])
                .Select(static stream => new Measurement<long>(stream.Bitrate, new KeyValuePair<string, object?>("stream", stream.Camera))),
            unit: "bit/s", description: "What the encoder gives now");
        _meter.CreateObservableCounter("edgecam.process.cpu_time", static () => Environment.CpuUsage.TotalTime.TotalSeconds, unit: "s", description: "Processor time of the agent, its children left out");
        _meter.CreateObservableGauge("edgecam.process.resident_memory", static () => Environment.WorkingSet, unit: "By", description: "Resident memory of the agent, its children left out");
    }

    public void Dispose() => _meter.Dispose();
}
