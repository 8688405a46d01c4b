using System.Buffers;
using System.Text.Json;
using EdgeCam.Agent.Devices.Ptz;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>A head's status as <c>ptz.status</c> and <c>ptz.changed</c> write it.</summary>
internal static class PtzStatusJson
{
    /// <param name="caller">Who reads it; null: nobody who could hold control.</param>
    /// <param name="reason">Null where there is none.</param>
    public static void Write(Utf8JsonWriter writer, PtzStatus status, ControlCaller? caller, PtzChange? reason = null)
    {
        writer.WriteStartObject();
        writer.WriteString("camera", status.Camera);
        writer.WriteString("driver", status.Driver);
        writer.WriteString("state", status.Fault is not null ? "fault" : status.IsReady ? "ready" : "starting");
        writer.WriteString("fault", status.Fault?.What);
        writer.WriteString("remedy", status.Fault?.Remedy);
        writer.WriteStartObject("axes");
        foreach (var axis in status.Axes)
            Write(writer, axis);
        writer.WriteEndObject();
        writer.WriteBoolean("moving", status.IsMoving);
        writer.WriteBoolean("estimated", status.IsEstimated);
        writer.WriteBoolean("hasHome", true); // where none was set, straight ahead
        writer.WritePropertyName("control");
        WriteControl(writer, status, caller);
        if (reason is { } why)
            writer.WriteString("reason", Word(why));
        writer.WriteEndObject();
    }

    /// <summary>Who controls the head: null, or the holder and what the reader may do about it.</summary>
    public static void WriteControl(Utf8JsonWriter writer, PtzStatus status, ControlCaller? caller)
    {
        if (status.Holder is not { } holder)
        {
            writer.WriteNullValue();
            return;
        }

        var isReader = caller?.Id == holder.Id;
        writer.WriteStartObject();
        writer.WriteString("holder", holder.Name);
        writer.WriteBoolean("you", isReader);
        writer.WriteNumber("expiresIn", (long)holder.ExpiresIn.TotalMilliseconds);
        writer.WriteBoolean("canTake", !isReader && caller is not null && caller.Access.Allows(AccessScope.Ptz) && PtzLease.CanTake(caller.Access, status.StillFor));
        writer.WriteEndObject();
    }

    public static byte[] Bytes(PtzStatus status, PtzChange? reason)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(bytes);
        Write(writer, status, null, reason);
        writer.Flush();
        return bytes.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, AxisStatus axis)
    {
        writer.WriteStartObject(PtzNames.Of(axis.Axis));
        if (axis.Position is { } position)
            writer.WriteNumber("position", position);
        else
            writer.WriteNull("position");
        writer.WriteBoolean("moving", axis.IsMoving);
        writer.WriteNumber("min", axis.Minimum);
        writer.WriteNumber("max", axis.Maximum);
        writer.WriteString("atEnd", axis.AtEnd switch
        {
            AxisEnd.Minimum => "min",
            AxisEnd.Maximum => "max",
            _ => null,
        });
        writer.WriteEndObject();
    }

    private static string Word(PtzChange reason) => reason switch
    {
        PtzChange.Moved => "moved",
        PtzChange.Stopped => "stopped",
        PtzChange.DeadMan => "dead-man",
        PtzChange.Lease => "lease",
        PtzChange.Preset => "preset",
        PtzChange.Fault => "fault",
        _ => "end",
    };
}
