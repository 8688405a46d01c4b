using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Recording;

/// <summary>What <c>event/recording</c> tells.</summary>
/// <param name="At">Milliseconds since 1970; null while the clock is not set.</param>
/// <param name="Kind"><c>started</c>, <c>stopped</c>, <c>full</c>, <c>failed</c> or <c>resumed</c>.</param>
/// <param name="Id">The segment that is written, or was last.</param>
/// <param name="Detail">For people.</param>
internal sealed record RecordingEvent(int V, long? At, string Kind, string Camera, string? Id = null, string? Detail = null);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RecordingEvent))]
internal sealed partial class RecordingJson : JsonSerializerContext;
