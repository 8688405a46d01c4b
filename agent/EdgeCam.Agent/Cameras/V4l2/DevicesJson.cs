using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Cameras.V4l2;

/// <summary>The report as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DevicesReport))]
internal sealed partial class DevicesJson : JsonSerializerContext;
