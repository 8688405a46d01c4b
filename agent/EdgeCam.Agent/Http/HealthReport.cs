using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Http;

/// <summary>What <c>/healthz</c> says.</summary>
/// <param name="Status"><c>ok</c>, or <c>failing</c> where no camera is live.</param>
/// <param name="Broker"><c>connected</c>, <c>disconnected</c>, <c>waiting</c> for the device's clock, or <c>off</c>.</param>
/// <param name="Clock">While it is not set, nobody with a token is let in, and no broker is reached by TLS.</param>
/// <param name="Cameras">Null for whoever is not on this machine.</param>
/// <param name="Outputs">The same; null, too, where none is configured.</param>
internal sealed record HealthReport(string Status, string Version, string Broker, int Viewers, ClockReport Clock, IReadOnlyList<CameraReport>? Cameras, IReadOnlyList<OutputReport>? Outputs = null)
{
    public static HealthReport Create(string version, string broker, int viewers, ClockReport clock, IReadOnlyList<CameraReport> cameras, IReadOnlyList<OutputReport>? outputs = null) =>
        new(cameras.Any(camera => camera.IsLive) ? "ok" : "failing", version, broker, viewers, clock, cameras, outputs);
}
