using System.Text.Json;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>Presets as <c>ptz.presets</c> lists them.</summary>
internal static class PtzPresetJson
{
    public static void WriteList(Utf8JsonWriter writer, IReadOnlyList<PtzPreset> presets)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("presets");
        foreach (var preset in presets)
        {
            writer.WriteStartObject();
            writer.WriteString("token", preset.Token);
            writer.WriteString("name", preset.Name);
            foreach (var axis in Enum.GetValues<PtzAxis>())
            {
                if (preset.Position[axis] is { } position)
                    writer.WriteNumber(PtzNames.Of(axis), position);
            }

            writer.WriteString("scope", preset.Scope == AccessScope.None ? null : AccessScopes.Word(preset.Scope));
            writer.WriteBoolean("hasThumbnail", preset.Thumbnail is not null);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
