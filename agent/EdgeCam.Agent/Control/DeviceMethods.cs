using System.Text.Json;
using EdgeCam.Agent.Security;
using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Control;

/// <summary>The namespace <c>device</c>, but <c>device.methods</c>.</summary>
internal static class DeviceMethods
{
    /// <param name="clock">The clock of the frame path.</param>
    public static IEnumerable<ControlMethod> Create(Func<DeviceInformation> information, Func<Instant> clock)
    {
        yield return ControlMethod.Immediate("device.info", AccessScope.View, "Tells what this device is and how it does.", [], call =>
        {
            JsonSerializer.Serialize(call.Result, information(), ControlJson.Default.DeviceInformation);
            return null;
        });
        yield return ControlMethod.Immediate("device.time", AccessScope.View, "Ties the device's clock to the RTP timestamps of the caller's pictures.", [], call =>
        {
            var now = clock();
            var time = new DeviceTime((now - default(Instant)).TotalMilliseconds, call.Caller.TimestampAt?.Invoke(now)?.Value);
            JsonSerializer.Serialize(call.Result, time, ControlJson.Default.DeviceTime);
            return null;
        });
    }
}
