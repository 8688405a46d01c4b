using System.Text.Json;
using EdgeCam.Agent.Devices;
using EdgeCam.Agent.Devices.Gpio;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>Lines and PWM outputs, as viewers read them.</summary>
internal static class GpioJson
{
    /// <summary>The result of <c>gpio.list</c>.</summary>
    /// <param name="access">Of whoever asks.</param>
    public static void WriteList(Utf8JsonWriter writer, IReadOnlyList<GpioLineState> lines, IReadOnlyList<GpioPwmState> outputs, AccessGrant access)
    {
        writer.WriteStartObject();
        writer.WriteStartArray("lines");
        foreach (var line in lines)
            Write(writer, line, access);
        writer.WriteEndArray();
        writer.WriteStartArray("pwm");
        foreach (var output in outputs)
            Write(writer, output, access);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The parameters of <c>gpio.changed</c>, and the event on MQTT.</summary>
    public static void WriteChange(Utf8JsonWriter writer, GpioChange change)
    {
        writer.WriteStartObject();
        writer.WriteString(change.IsPwm ? "pwm" : "line", change.Name);
        if (change.IsPwm)
            WriteNumber(writer, "duty", change.Duty);
        else
            WriteFlag(writer, "value", change.Value);
        writer.WriteNumber("at", change.At.ToUnixTimeMilliseconds());
        if (change.IsEdge && change.Value is { } value)
            writer.WriteString("edge", value ? "rising" : "falling");
        if (change.Cause is { } cause)
            writer.WriteString("cause", Word(cause));
        if (change.PulseEndsIn is { } rest)
            writer.WriteNumber("pulseEndsIn", Math.Ceiling(rest.TotalMilliseconds));
        WriteFault(writer, change.Fault);
        writer.WriteEndObject();
    }

    public static void WriteFlag(Utf8JsonWriter writer, string name, bool? value)
    {
        if (value is { } flag)
            writer.WriteBoolean(name, flag);
        else
            writer.WriteNull(name);
    }

    public static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset? time) => WriteNumber(writer, name, time?.ToUnixTimeMilliseconds());

    /// <summary>What a caller needs to switch it, besides the scope of the method.</summary>
    public static AccessScope ScopeOf(string scope) => AccessScopes.Parse(scope);

    private static void Write(Utf8JsonWriter writer, GpioLineState line, AccessGrant access)
    {
        var options = line.Options;
        writer.WriteStartObject();
        writer.WriteString("name", options.Name);
        writer.WriteString("label", options.Label ?? options.Name);
        writer.WriteString("direction", options.Direction);
        WriteFlag(writer, "value", line.Value);
        WriteTime(writer, "changedAt", line.ChangedAt);
        writer.WriteString("scope", options.Scope);
        writer.WriteBoolean("writable", options.Direction == "output" && access.Allows(AccessScope.Gpio | ScopeOf(options.Scope)));
        WriteFault(writer, line.Fault);
        WriteNumber(writer, "pulseEndsIn", line.PulseEndsIn is { } rest ? Math.Ceiling(rest.TotalMilliseconds) : null);
        WriteNumber(writer, "maxOnSeconds", options.MaxOnSeconds);
        writer.WriteStartArray("interlock");
        foreach (var other in line.Interlock)
            writer.WriteStringValue(other);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, GpioPwmState output, AccessGrant access)
    {
        var options = output.Options;
        writer.WriteStartObject();
        writer.WriteString("name", options.Name);
        writer.WriteString("label", options.Label ?? options.Name);
        WriteNumber(writer, "duty", output.Duty);
        writer.WriteNumber("frequency", options.Frequency);
        WriteTime(writer, "changedAt", output.ChangedAt);
        writer.WriteString("scope", options.Scope);
        writer.WriteBoolean("writable", access.Allows(AccessScope.Gpio | ScopeOf(options.Scope)));
        WriteFault(writer, output.Fault);
        writer.WriteEndObject();
    }

    private static void WriteFault(Utf8JsonWriter writer, DeviceFault? fault)
    {
        writer.WriteString("state", fault is null ? "ready" : "fault");
        writer.WriteString("fault", fault?.What);
        writer.WriteString("remedy", fault?.Remedy);
    }

    private static void WriteNumber(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number)
            writer.WriteNumber(name, number);
        else
            writer.WriteNull(name);
    }

    private static string Word(GpioCause cause) => cause switch
    {
        GpioCause.Input => "input",
        GpioCause.Write => "write",
        GpioCause.Pulse => "pulse",
        GpioCause.Safe => "safe",
        _ => "interlock",
    };
}
