using System.Text.Json.Serialization;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>The file of one head's presets, positions normalised.</summary>
internal sealed record PresetDocument(int Version, PresetDocument.Place? Home, IReadOnlyList<PresetDocument.Entry?>? Presets)
{
    public const int PresentVersion = 1;

    internal sealed record Place(double? Pan, double? Tilt, double? Zoom);

    internal sealed record Entry(string? Token, string? Name, Place? Position, string? Scope, string? Thumbnail);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(PresetDocument))]
internal sealed partial class PresetJson : JsonSerializerContext;
