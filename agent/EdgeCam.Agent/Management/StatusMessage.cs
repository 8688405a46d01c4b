using System.Text.Json;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>What <c>{prefix}/{device}/status</c> holds.</summary>
internal sealed record StatusMessage(
    int V, bool Online, string BootId, string Name, string Version, DateTimeOffset Since, IReadOnlyList<CameraReport>? Cameras)
{
    public static byte[] WhenOnline(DeviceIdentity device, IReadOnlyList<CameraReport> cameras) => Bytes(device, true, cameras);

    /// <summary>The will.</summary>
    public static byte[] WhenOffline(DeviceIdentity device) => Bytes(device, false, null);

    private static byte[] Bytes(DeviceIdentity device, bool online, IReadOnlyList<CameraReport>? cameras) => JsonSerializer.SerializeToUtf8Bytes(
        new(1, online, device.BootId, device.Name, device.Version, device.Since, cameras), ManagementJson.Default.StatusMessage);
}
