using System.Text.Json;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Control;

/// <summary>The namespace <c>device</c>.</summary>
internal static class DeviceMethods
{
    /// <param name="clock">The clock of the frame path.</param>
    public static IEnumerable<KeyValuePair<string, ControlMethod>> Create(Func<DeviceInformation> information, Func<Instant> clock)
    {
        yield return new("device.info", (parameters, _, result) =>
        {
            if (HasAny(parameters))
                return ControlError.BadParameters("device.info takes none");
            JsonSerializer.Serialize(result, information(), ControlJson.Default.DeviceInformation);
            return null;
        });
        yield return new("device.time", (parameters, caller, result) =>
        {
            if (HasAny(parameters))
                return ControlError.BadParameters("device.time takes none");
            var now = clock();
            var time = new DeviceTime((now - default(Instant)).TotalMilliseconds, caller.TimestampAt?.Invoke(now)?.Value);
            JsonSerializer.Serialize(result, time, ControlJson.Default.DeviceTime);
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
