using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>Where telemetry takes its figures from; each may be called from any thread.</summary>
/// <param name="Board">The newest sample, at most ten seconds old.</param>
/// <param name="Viewers">Answered by the loop that owns them; outputs among them.</param>
/// <param name="ViewerCount">Connected or connecting, without outputs.</param>
/// <param name="Outputs">What they are, whether connected or not; null: none is configured.</param>
internal sealed record TelemetrySources(
    Func<IReadOnlyList<CameraReport>> Cameras,
    Func<IReadOnlyList<StreamFigures>> Streams,
    Func<Task<IReadOnlyList<ViewerReport>>> Viewers,
    Func<int> ViewerCount,
    Func<BoardSample> Board,
    Func<string> Broker,
    Func<IEnumerable<(Stage Stage, DropReason Reason, long Count)>> Drops,
    Func<IReadOnlyList<OutputReport>?>? Outputs = null);
