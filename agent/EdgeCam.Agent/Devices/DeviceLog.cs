namespace EdgeCam.Agent.Devices;

/// <summary>Ids 7000 to 7099 the loop and the guard, 7100 to 7199 heads, 7200 to 7299 lines.</summary>
internal static partial class DeviceLog
{
    [LoggerMessage(7001, LogLevel.Error, "A device failed by a fault of ours")]
    public static partial void DeviceFaulted(this ILogger log, Exception fault);
}
