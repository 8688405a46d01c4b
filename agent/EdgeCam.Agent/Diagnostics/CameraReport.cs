using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Diagnostics;

/// <summary>A camera as others are told of it: in status, welcome, health and <c>device.info</c>.</summary>
/// <param name="State"><c>starting</c>, <c>live</c>, <c>lost</c> or <c>refused</c>.</param>
/// <param name="Width">Of the stream, or as configured before the first picture.</param>
/// <param name="Detail">For people: what happened and what to do; null when all is well.</param>
/// <param name="Substream">True where there is one; null where not.</param>
internal sealed record CameraReport(string Name, string State, int Width, int Height, string? Detail = null, bool? Substream = null)
{
    [JsonIgnore]
    public bool IsLive => State == "live";
}
