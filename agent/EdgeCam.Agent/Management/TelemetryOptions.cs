using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;

namespace EdgeCam.Agent.Management;

/// <summary>What the device tells of how it does.</summary>
/// <param name="PeriodSeconds">From one telemetry message to the next; what matters is told at once, at most every 5 s.</param>
/// <param name="Addresses">Whether telemetry and the bundle of <c>device.diagnose</c> have viewers' addresses: <c>hidden</c> or <c>shown</c>.</param>
/// <param name="OtlpEndpoint">Where measurements go by OTLP/HTTP in JSON, such as <c>http://collector:4318</c>; null: nowhere.</param>
internal sealed record TelemetryOptions(
    bool Enabled = true,
    [property: Range(5, 3600)] int PeriodSeconds = 30,
    [property: OneOf("hidden", "shown")] string Addresses = "hidden",
    string? OtlpEndpoint = null)
{
    public bool ShowsAddresses => Addresses == "shown";
}
