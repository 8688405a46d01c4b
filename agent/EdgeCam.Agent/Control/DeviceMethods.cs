using System.Text.Json;

namespace EdgeCam.Agent.Control;

/// <summary>The namespace <c>device</c>.</summary>
internal static class DeviceMethods
{
    public static IEnumerable<KeyValuePair<string, ControlMethod>> Create(Func<DeviceInformation> information)
    {
        yield return new("device.info", (parameters, _, result) =>
        {
            if (HasAny(parameters))
                return ControlError.BadParameters("device.info takes none");
            JsonSerializer.Serialize(result, information(), ControlJson.Default.DeviceInformation);
            return null;
        });
    }

    private static bool HasAny(JsonElement parameters) => parameters.ValueKind switch
    {
        JsonValueKind.Array => parameters.GetArrayLength() > 0,
        JsonValueKind.Object => parameters.EnumerateObject().Any(),
        _ => false,
    };
}
