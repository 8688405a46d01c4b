using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>The namespace <c>camera</c>.</summary>
internal static class CameraMethods
{
    /// <summary>What a viewer may want of a camera: what its network carries, the main stream, the smaller one.</summary>
    public static readonly IReadOnlyList<string> Streams = ["auto", "main", "sub"];

    private const int MaxName = 64;
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
        yield return ControlMethod.Immediate(
            "camera.select", AccessScope.View,
            "Has another camera, or another stream of the same, sent on the caller's own connection, which is not negotiated anew. The present picture stays until the other's first one: camera.switched tells.",
            [
                new("camera", ParameterKind.Text, "Its name, as device.info tells it; the one that is watched where it is left out.", Minimum: 1, Maximum: MaxName),
                new("stream", ParameterKind.Text, "auto: what the viewer's network carries.", Values: Streams),
            ],
            Select);
    }

    /// <summary>Pictures of this stream go out from now on.</summary>
    /// <param name="stream">Of <see cref="Streams"/>, but not the first.</param>
    public static byte[] Switched(string camera, string stream) => Notification.Create("camera.switched", writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("camera", camera);
        writer.WriteString("stream", stream);
        writer.WriteEndObject();
    });

    private static ControlError? Select(ControlCall call)
    {
        if (call.Caller.Session is not { } session)
            return ControlError.BadParameters("only a viewer's own data channel carries it");
        var (camera, stream) = (call.Arguments.Text("camera"), call.Arguments.Text("stream") ?? Streams[0]);
        var (refusal, isPending) = session.Select(camera, stream);
        if (refusal is not null)
            return refusal;
        call.Result.WriteStartObject();
        call.Result.WriteString("camera", camera ?? call.Caller.Camera);
        call.Result.WriteString("stream", stream);
        call.Result.WriteBoolean("pending", isPending);
        call.Result.WriteEndObject();
        return null;
    }
}
