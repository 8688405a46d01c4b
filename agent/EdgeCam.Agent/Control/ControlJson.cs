using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Control;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeviceInformation))]
[JsonSerializable(typeof(DeviceTime))]
[JsonSerializable(typeof(ErrorObject))]
internal sealed partial class ControlJson : JsonSerializerContext;
