using System.Net;

namespace EdgeCam.Agent.Http;

/// <summary>What the HTTP side is given.</summary>
/// <param name="Metrics">What is measured, in Prometheus's text format.</param>
/// <param name="Pictures">Recordings and snapshots; null: there are none.</param>
/// <param name="Broker">Speaks MQTT over a byte stream until it ends; null where there is no embedded broker.</param>
internal sealed record HttpServices(
    Whep Whep, Func<HealthReport> Health, Func<string> Metrics, ViewerSettings Settings, ViewerFiles Files, Func<Stream, EndPoint, Task>? Broker,
    IPictureFiles? Pictures = null);
