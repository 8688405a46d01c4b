using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Signaling;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = 16, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, NumberHandling = JsonNumberHandling.Strict, PropertyNameCaseInsensitive = false)]
[JsonSerializable(typeof(IncomingMessage))]
[JsonSerializable(typeof(OutgoingMessages.WelcomeMessage))]
[JsonSerializable(typeof(OutgoingMessages.AnswerMessage))]
[JsonSerializable(typeof(OutgoingMessages.IceServersMessage))]
[JsonSerializable(typeof(OutgoingMessages.CandidateMessage))]
[JsonSerializable(typeof(OutgoingMessages.RestartMessage))]
[JsonSerializable(typeof(OutgoingMessages.ByeMessage))]
[JsonSerializable(typeof(OutgoingMessages.ErrorMessage))]
internal sealed partial class SignalingJson : JsonSerializerContext;
