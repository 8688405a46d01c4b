using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Management.Update;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UpdateRequest))]
[JsonSerializable(typeof(UpdateTrial))]
[JsonSerializable(typeof(UpdateResult))]
[JsonSerializable(typeof(UpdateMemory))]
[JsonSerializable(typeof(UpdateAttempt))]
[JsonSerializable(typeof(InstalledUpdate))]
[JsonSerializable(typeof(UpdateSign))]
[JsonSerializable(typeof(UpdateEvent))]
[JsonSerializable(typeof(UpdateReport))]
internal sealed partial class UpdateJson : JsonSerializerContext;
