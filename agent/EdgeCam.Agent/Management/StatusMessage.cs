using System.Text.Json;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>What <c>{prefix}/{device}/status</c> holds.</summary>
/// <param name="Since">When the agent started; null while the clock is not set.</param>
/// <param name="Viewers">Connected or connecting; null while offline.</param>
/// <param name="Addresses">The device's own; null unless <c>telemetry.addresses</c> shows them: every viewer at the broker reads the status.</param>
/// <param name="Outputs">Servers that cameras are published to; null: none is configured.</param>
internal sealed record StatusMessage(
    int V, bool Online, string BootId, string Name, string Version, DateTimeOffset? Since, IReadOnlyList<CameraReport>? Cameras, int? Viewers = null, IReadOnlyList<string>? Addresses = null,
    IReadOnlyList<OutputReport>? Outputs = null)
{
    public static byte[] WhenOnline(DeviceIdentity device, IReadOnlyList<CameraReport> cameras, DateTimeOffset? since, int viewers = 0, IReadOnlyList<string>? addresses = null,
        IReadOnlyList<OutputReport>? outputs = null) =>
        Bytes(new(1, true, device.BootId, device.Name, device.Version, since, cameras, viewers, addresses, outputs));

    /// <summary>The will.</summary>
    public static byte[] WhenOffline(DeviceIdentity device) => Bytes(new(1, false, device.BootId, device.Name, device.Version, device.Since, null));

    private static byte[] Bytes(StatusMessage status) => JsonSerializer.SerializeToUtf8Bytes(status, ManagementJson.Default.StatusMessage);
}
