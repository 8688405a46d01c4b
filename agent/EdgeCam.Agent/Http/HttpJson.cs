using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Http;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(ViewerSettings))]
internal sealed partial class HttpJson : JsonSerializerContext;
