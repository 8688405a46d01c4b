using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Mqtt;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BrokerEvent))]
internal sealed partial class BrokerJson : JsonSerializerContext;
