using System.Text.Json;
using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Control;

/// <summary>
/// <c>camera.controls</c> and <c>camera.setControl</c>. Setting takes the scope manage, not ptz: no lease guards it, nobody else is told,
/// and a picture made black stays so for everybody. Nothing is remembered: what is to last stands in the configuration.
/// </summary>
internal static class CameraControlMethods
{
    private const int LongestName = 32;

    private static readonly ControlParameter s_camera = new("camera", ParameterKind.Text, "The camera; the caller's own, or the first, where left out.", Maximum: LongestName);

    public static IEnumerable<ControlMethod> Create(ICameraControls controls)
    {
        yield return new(
            "camera.controls", AccessScope.View, "Lists the controls of a device node's picture (brightness, exposure, focus, ...) with their ranges and values.", [s_camera],
            async call =>
            {
                var (error, camera, list) = await controls.ListAsync(CameraOf(call));
                if (error is null)
                    Write(call.Result, camera, list);
                return error;
            });
        yield return new(
            "camera.setControl", AccessScope.Manage,
            "Sets a control, until the camera is opened again: then those of cameras[].controls are set. The result is the control as it is then.",
            [
                s_camera,
                new("name", ParameterKind.Text, "As camera.controls lists it.", IsRequired: true, 1, LongestName),
                new("value", ParameterKind.Integer, "In its range; of a menu the entry's number. A button takes any.", IsRequired: true, int.MinValue, int.MaxValue),
            ],
            async call =>
            {
                var (error, control) = await controls.SetAsync(CameraOf(call), call.Arguments.Text("name")!, call.Arguments.Integer("value")!.Value);
                if (control is not null)
                    Write(call.Result, control);
                return error;
            });
    }

    private static string? CameraOf(ControlCall call) => call.Arguments.Text("camera") ?? call.Caller.Camera;

    private static void Write(Utf8JsonWriter writer, string camera, IReadOnlyList<CameraControl> controls)
    {
        writer.WriteStartObject();
        writer.WriteString("camera", camera);
        writer.WriteStartArray("controls");
        foreach (var control in controls)
            Write(writer, control);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, CameraControl control)
    {
        writer.WriteStartObject();
        writer.WriteString("name", control.Name);
        writer.WriteString("label", control.Label);
        writer.WriteString("kind", control.Kind);
        if (control.Kind != "button")
        {
            writer.WriteNumber("minimum", control.Minimum);
            writer.WriteNumber("maximum", control.Maximum);
            writer.WriteNumber("step", control.Step);
            writer.WriteNumber("default", control.Default);
        }

        if (control.Value is { } value)
            writer.WriteNumber("value", value);
        writer.WriteBoolean("active", control.IsActive);
        if (control.Menu.Count > 0)
        {
            writer.WriteStartArray("menu");
            foreach (var (number, name) in control.Menu)
            {
                writer.WriteStartObject();
                writer.WriteNumber("value", number);
                writer.WriteString("name", name);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
