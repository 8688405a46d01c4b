using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace EdgeCam.Agent.Management.HomeAssistant;

/// <summary>
/// The device as Home Assistant reads it: one message for all of it (MQTT device discovery, Home Assistant 2024.11 and later; documentation
/// of its MQTT integration, "Device discovery payload").
/// </summary>
/// <remarks>
/// Left out: the picture itself, which Home Assistant takes by RTSP or WebRTC and not by MQTT; PWM outputs; recordings. Bound: 32 presets
/// of a head.
/// </remarks>
internal sealed class HomeAssistantDiscovery(DeviceIdentity device, string model, HomeAssistantTopics topics, Func<TelemetryOptions> telemetry, bool takesCommands)
{
    private const int MaxPresets = 32;
    private static readonly JsonWriterOptions s_plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="gone">Components of earlier, and their platforms: Home Assistant takes one away that has its platform only.</param>
    /// <returns>The message, and its components with their platforms.</returns>
    public (byte[] Message, IReadOnlyDictionary<string, string> Components) Create(HomeAssistantScene scene, IReadOnlyDictionary<string, string> gone)
    {
        var bytes = new ArrayBufferWriter<byte>();
        var platforms = new Dictionary<string, string>(StringComparer.Ordinal);
        using var writer = new Utf8JsonWriter(bytes, s_plain);
        writer.WriteStartObject();
        WriteDevice(writer);
        writer.WriteStartArray("availability");
        writer.WriteStartObject();
        writer.WriteString("topic", topics.Status);
        writer.WriteString("value_template", "{{ 'online' if value_json.online else 'offline' }}");
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteNumber("qos", 1);
        writer.WriteStartObject("components");
        foreach (var (id, platform, write) in Components(scene))
        {
            platforms[id] = platform;
            writer.WriteStartObject(id);
            writer.WriteString("platform", platform);
            writer.WriteString("unique_id", $"edgecam_{device.Id}_{id}");
            write(writer);
            writer.WriteEndObject();
        }

        foreach (var (id, platform) in gone.Where(known => !platforms.ContainsKey(known.Key)))
        {
            writer.WriteStartObject(id);
            writer.WriteString("platform", platform);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return (bytes.WrittenSpan.ToArray(), platforms);
    }

    /// <summary>What the state topic holds: the lines' values.</summary>
    public static byte[] State(HomeAssistantScene scene)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(bytes);
        writer.WriteStartObject();
        writer.WriteStartObject("gpio");
        foreach (var line in scene.Lines)
        {
            if (line.Value is { } value)
                writer.WriteString(line.Name, value ? "ON" : "OFF");
            else
                writer.WriteNull(line.Name); // renders as None, which is unknown
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    private void WriteDevice(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("device");
        writer.WriteStartArray("identifiers");
        writer.WriteStringValue($"edgecam_{device.Id}");
        writer.WriteEndArray();
        writer.WriteString("name", device.Name);
        writer.WriteString("manufacturer", "EdgeCam");
        writer.WriteString("model", model);
        writer.WriteString("sw_version", device.Version);
        writer.WriteEndObject();
        writer.WriteStartObject("origin");
        writer.WriteString("name", "EdgeCam");
        writer.WriteString("sw_version", device.Version);
        writer.WriteEndObject();
    }

    private IEnumerable<(string Id, string Platform, Action<Utf8JsonWriter> Write)> Components(HomeAssistantScene scene)
    {
        foreach (var camera in scene.Cameras)
        {
            yield return ($"camera_{camera}", "binary_sensor", writer =>
            {
                Name(writer, scene.Cameras.Count == 1 ? "Camera" : $"Camera {camera}");
                writer.WriteString("device_class", "connectivity");
                From(writer, topics.Status, $"{{{{ 'ON' if (value_json.cameras | default([]) | selectattr('name', 'eq', '{camera}') | selectattr('state', 'eq', 'live') | list) else 'OFF' }}}}");
            });
        }

        yield return ("viewers", "sensor", writer =>
        {
            Name(writer, "Viewers");
            writer.WriteString("state_class", "measurement");
            writer.WriteString("icon", "mdi:eye");
            From(writer, topics.Status, "{{ value_json.viewers | default(0) }}");
        });
        foreach (var line in scene.Lines)
            yield return line.IsWritable && takesCommands ? Switch(line) : Input(line);
        if (takesCommands)
        {
            foreach (var button in scene.Heads.SelectMany(Buttons))
                yield return button;
        }

        if (!telemetry().Enabled)
            yield break;
        foreach (var diagnostic in Diagnostics(scene))
            yield return diagnostic;
    }

    private (string, string, Action<Utf8JsonWriter>) Switch(HomeAssistantLine line) => ($"gpio_{line.Name}", "switch", writer =>
    {
        Name(writer, line.Label);
        writer.WriteString("command_topic", topics.Line(line.Name));
        writer.WriteString("payload_on", "ON");
        writer.WriteString("payload_off", "OFF");
        From(writer, topics.State, $"{{{{ value_json.gpio['{line.Name}'] }}}}");
    });

    private (string, string, Action<Utf8JsonWriter>) Input(HomeAssistantLine line) => ($"gpio_{line.Name}", "binary_sensor", writer =>
    {
        Name(writer, line.Label);
        From(writer, topics.State, $"{{{{ value_json.gpio['{line.Name}'] }}}}");
    });

    private IEnumerable<(string, string, Action<Utf8JsonWriter>)> Buttons(HomeAssistantHead head)
    {
        yield return Button(head.Camera, "home", "Home", "home", "mdi:home");
        yield return Button(head.Camera, "stop", "Stop", "stop", "mdi:stop");
        foreach (var (token, name) in head.Presets.Take(MaxPresets))
            yield return Button(head.Camera, $"preset_{token}", name, $"preset {token}", "mdi:camera-marker");
    }

    private (string, string, Action<Utf8JsonWriter>) Button(string camera, string id, string name, string payload, string icon) => ($"ptz_{camera}_{id}", "button", writer =>
    {
        Name(writer, $"{camera} {name}");
        writer.WriteString("icon", icon);
        writer.WriteString("command_topic", topics.Head(camera));
        writer.WriteString("payload_press", payload);
    });

    private IEnumerable<(string, string, Action<Utf8JsonWriter>)> Diagnostics(HomeAssistantScene scene)
    {
        var board = scene.Board;
        yield return Sensor("cpu", "CPU", "{{ (value_json.cpu.system | default(0) * 100) | round(1) }}", "%", null, icon: "mdi:cpu-64-bit");
        yield return Sensor("uptime", "Uptime", "{{ value_json.uptime }}", "s", "duration");
        if (board.Board.TemperatureCelsius is not null)
            yield return Sensor("temperature", "Temperature", "{{ value_json.board.temperatureCelsius | default(none) }}", "°C", "temperature");
        if (board is { MemoryTotal: > 0, MemoryAvailable: not null })
            yield return Sensor("memory", "Memory in use", "{{ (100 - value_json.memory.available / value_json.memory.total * 100) | round(1) }}", "%", null, icon: "mdi:memory");
        if (board.Disk is { Total: > 0 })
            yield return Sensor("disk", "Disk in use", "{{ (100 - value_json.disk.free / value_json.disk.total * 100) | round(1) }}", "%", null, icon: "mdi:harddisk");
        if (board.Wifi is not null)
            yield return Sensor("wifi", "Wi-Fi signal", "{{ value_json.wifi.signalDbm | default(none) }}", "dBm", "signal_strength");
        if (board.Board.Throttled is not null)
            yield return Problem("throttled", "Throttled");
        if (board.Board.UnderVoltage is not null)
            yield return Problem("underVoltage", "Low voltage");
        foreach (var camera in scene.Cameras)
        {
            var here = $"value_json.cameras | selectattr('name', 'eq', '{camera}')";
            var name = scene.Cameras.Count == 1 ? "" : $"{camera} ";
            yield return Sensor($"bitrate_{camera}", $"{name}Bitrate", $"{{{{ {here} | map(attribute='bitrate') | first | default(0) }}}}", "bit/s", "data_rate");
            yield return Sensor($"frames_{camera}", $"{name}Frames per second", $"{{{{ {here} | map(attribute='framesPerSecond') | first | default(0) }}}}", "fps", null, icon: "mdi:filmstrip");
        }
    }

    private (string, string, Action<Utf8JsonWriter>) Sensor(string id, string name, string template, string unit, string? deviceClass, string? icon = null) => (id, "sensor", writer =>
    {
        Name(writer, name);
        writer.WriteString("entity_category", "diagnostic");
        if (deviceClass is not null)
            writer.WriteString("device_class", deviceClass);
        if (icon is not null)
            writer.WriteString("icon", icon);
        writer.WriteString("state_class", "measurement");
        writer.WriteString("unit_of_measurement", unit);
        Expire(writer);
        From(writer, topics.Telemetry, template);
    });

    private (string, string, Action<Utf8JsonWriter>) Problem(string flag, string name) => (flag.ToLowerInvariant(), "binary_sensor", writer =>
    {
        Name(writer, name);
        writer.WriteString("entity_category", "diagnostic");
        writer.WriteString("device_class", "problem");
        Expire(writer);
        From(writer, topics.Telemetry, string.Create(CultureInfo.InvariantCulture, $"{{{{ 'ON' if value_json.board.{flag} else 'OFF' }}}}"));
    });

    /// <summary>After so many seconds without telemetry a value is no longer one.</summary>
    private void Expire(Utf8JsonWriter writer) => writer.WriteNumber("expire_after", (telemetry().PeriodSeconds * 3) + 5);

    private static void Name(Utf8JsonWriter writer, string name) => writer.WriteString("name", name);

    private static void From(Utf8JsonWriter writer, string topic, string template)
    {
        writer.WriteString("state_topic", topic);
        writer.WriteString("value_template", template);
    }
}
