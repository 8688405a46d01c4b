using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Devices.Board;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BoardHealth))]
[JsonSerializable(typeof(BoardEvent))]
internal sealed partial class BoardJson : JsonSerializerContext;
