using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EdgeCam.Agent.Settings;

/// <summary>The settings in force as others are told of them, secrets left out: the answer to <c>config.get</c>, and <c>config/reported</c>.</summary>
internal static class SettingsReport
{
    /// <summary>For <c>config/reported</c>, which is retained: without what changes by the second.</summary>
    public static byte[] ToBytes(SettingsKeeper keeper)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(bytes);
        Write(writer, keeper, left: null);
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    /// <param name="left">How long settings are on trial yet.</param>
    public static void Write(Utf8JsonWriter writer, SettingsKeeper keeper, TimeSpan? left)
    {
        writer.WriteStartObject();
        writer.WriteNumber("v", 1);
        writer.WriteString("revision", keeper.Revision);
        writer.WriteString("state", keeper.Trial is null ? SettingsEvent.Confirmed : SettingsEvent.Trial);
        if (left is { } rest)
            writer.WriteNumber("secondsLeft", Math.Ceiling(rest.TotalSeconds));
        WriteNode(writer, "values", EffectiveConfiguration.Values(keeper.Options));
        WriteTexts(writer, "remote", EffectiveConfiguration.List(keeper.Current).Where(static key => key.Origin == ConfigurationOrigin.Remote).Select(static key => key.Path));
        writer.WriteStartObject("secrets");
        foreach (var (path, isSet) in EffectiveConfiguration.Secrets(keeper.Options))
            writer.WriteBoolean(path, isSet);
        writer.WriteEndObject();
        if (keeper.Desired is { } desired)
            WriteNode(writer, "desired", desired.ToJson());
        if (keeper.Last is { } last)
            WriteNode(writer, "last", last.ToJson());
        if (keeper.Alarms.Count > 0)
            WriteTexts(writer, "alarms", keeper.Alarms);
        writer.WriteEndObject();
    }

    /// <summary>What a change does, for whoever asked for it.</summary>
    /// <param name="state"><c>trial</c>, <c>confirmed</c>, <c>dryRun</c> or <c>unchanged</c>.</param>
    public static void WriteChange(Utf8JsonWriter writer, string revision, string state, SettingsChange change, AgentOptions options, TimeSpan? confirmWithin)
    {
        writer.WriteStartObject();
        writer.WriteString("revision", revision);
        writer.WriteString("state", state);
        WriteTexts(writer, "changed", change.Keys);
        WriteTexts(writer, "live", change.Live);
        WriteTexts(writer, "restarts", change.Restarts(options));
        if (confirmWithin is { } limit)
            writer.WriteNumber("confirmedWithin", Math.Ceiling(limit.TotalSeconds));
        writer.WriteEndObject();
    }

    private static void WriteNode(Utf8JsonWriter writer, string name, JsonNode node)
    {
        writer.WritePropertyName(name);
        node.WriteTo(writer);
    }

    private static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
