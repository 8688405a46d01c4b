using System.Text.Json;
using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Publishing;

/// <summary>What <c>event/publish</c> tells.</summary>
/// <param name="At">Milliseconds since 1970; null while the clock is not set.</param>
/// <param name="Kind"><c>publishing</c>, <c>ended</c>, or <c>failed</c>: told once for each reason, however often it is tried.</param>
/// <param name="Detail">For people.</param>
/// <param name="Seconds">For how long it was published, where it ended.</param>
internal sealed record PublishEvent(int V, long? At, string Kind, string Output, string Camera, string? Detail = null, long? Seconds = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PublishEvent))]
internal sealed partial class PublishJson : JsonSerializerContext;
