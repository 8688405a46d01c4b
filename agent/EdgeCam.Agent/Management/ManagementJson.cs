using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Management;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StatusMessage))]
[JsonSerializable(typeof(TelemetryMessage))]
[JsonSerializable(typeof(EventMessage))]
internal sealed partial class ManagementJson : JsonSerializerContext;
