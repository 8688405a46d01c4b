using System.Text.Json;

namespace EdgeCam.Agent.Control;

/// <summary>The namespace <c>camera</c>.</summary>
internal static class CameraMethods
{
    private const double MaxLatency = 60_000; // a viewer an hour behind is a viewer whose clock is wrong

    /// <remarks>
    /// <c>camera.reportLatency {"median": milliseconds}</c>, a viewer's notification every few seconds: what it measured from capture to
    /// display. It is believed within bounds, for it can spoil nothing but a statistic.
    /// </remarks>
    public static IEnumerable<KeyValuePair<string, ControlMethod>> Create(ViewerMetrics metrics)
    {
        yield return new("camera.reportLatency", (parameters, caller, _) =>
        {
            if (caller.Camera is not { } camera)
                return ControlError.BadParameters("only a viewer measures it");
            if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("median", out var median)
                || median.ValueKind != JsonValueKind.Number || !median.TryGetDouble(out var milliseconds) || milliseconds is not (>= 0 and <= MaxLatency))
                return ControlError.BadParameters($"median is milliseconds, 0 to {MaxLatency}");
            metrics.RecordLatency(camera, TimeSpan.FromMilliseconds(milliseconds));
            return null;
        });
    }
}
