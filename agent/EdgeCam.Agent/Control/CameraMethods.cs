using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>The namespace <c>camera</c>.</summary>
internal static class CameraMethods
{
    private const double MaxLatency = 60_000; // a viewer an hour behind is a viewer whose clock is wrong

    public static IEnumerable<ControlMethod> Create(ViewerMetrics metrics)
    {
        yield return ControlMethod.Immediate(
            "camera.reportLatency", AccessScope.View,
            "A viewer's notification every few seconds: what it measured from capture to display. It counts for statistics only.", // so it is believed within bounds
            [new("median", ParameterKind.Number, "The median of these seconds.", IsRequired: true, 0, MaxLatency, "ms")],
            call =>
            {
                if (call.Caller.Camera is not { } camera)
                    return ControlError.BadParameters("only a viewer measures it");
                metrics.RecordLatency(camera, call.Arguments.Milliseconds("median")!.Value);
                return null;
            });
    }
}
