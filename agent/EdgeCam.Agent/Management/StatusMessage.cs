using System.Text.Json;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>What <c>{prefix}/{device}/status</c> holds.</summary>
/// <param name="Since">When the agent started; null while the clock is not set.</param>
internal sealed record StatusMessage(
    int V, bool Online, string BootId, string Name, string Version, DateTimeOffset? Since, IReadOnlyList<CameraReport>? Cameras)
{
    public static byte[] WhenOnline(DeviceIdentity device, IReadOnlyList<CameraReport> cameras, DateTimeOffset? since) => Bytes(device, true, cameras, since);

    /// <summary>The will.</summary>
    public static byte[] WhenOffline(DeviceIdentity device) => Bytes(device, false, null, device.Since);

    private static byte[] Bytes(DeviceIdentity device, bool online, IReadOnlyList<CameraReport>? cameras, DateTimeOffset? since) => JsonSerializer.SerializeToUtf8Bytes(
        new(1, online, device.BootId, device.Name, device.Version, since, cameras), ManagementJson.Default.StatusMessage);
}
