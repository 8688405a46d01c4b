using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Management.HomeAssistant;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HomeAssistantMemory.Told))]
internal sealed partial class HomeAssistantJson : JsonSerializerContext;
