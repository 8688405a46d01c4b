using System.Diagnostics.Metrics;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Recording;

/// <summary>Recordings in numbers, looked at when somebody asks.</summary>
internal sealed class RecordingMetrics : IDisposable
{
    private readonly Meter _meter = new(AgentMeter.Name);

    public RecordingMetrics(RecordingService service)
    {
        _meter.CreateObservableGauge("edgecam.recording.bytes", () => service.Store.Size.Bytes, "By", "All recordings together");
        _meter.CreateObservableGauge("edgecam.recording.files", () => service.Store.Size.Segments, "{file}", "Recordings there are");
        _meter.CreateObservableGauge("edgecam.recording.running", () => Cameras(service, RecorderState.Recording), null, "1: the camera is being recorded");
        _meter.CreateObservableGauge("edgecam.recording.held_up", () => Cameras(service, RecorderState.Full, RecorderState.Failed), null, "1: it would be, but there is no room, or the disk does not take it");
    }

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<int>> Cameras(RecordingService service, params RecorderState[] states) =>
        service.Recorders.Select(recorder => new Measurement<int>(states.Contains(recorder.Status.State) ? 1 : 0, new KeyValuePair<string, object?>("camera", recorder.Camera)));
}
