namespace EdgeCam.Agent.Devices;

/// <summary>Ids 7000 to 7099 the loop and the guard, 7100 to 7199 heads, 7200 to 7299 lines.</summary>
internal static partial class DeviceLog
{
    [LoggerMessage(7001, LogLevel.Error, "A device failed by a fault of ours")]
    public static partial void DeviceFaulted(this ILogger log, Exception fault);

    [LoggerMessage(7002, LogLevel.Information, "The guard runs: process {Process}")]
    public static partial void GuardStarted(this ILogger log, int process);

    [LoggerMessage(7003, LogLevel.Error, "The guard ended: {How}; it is started again in {Delay} ms, and the devices can be used again in {Rest} ms")]
    public static partial void GuardEnded(this ILogger log, string how, double delay, double rest);

    [LoggerMessage(7004, LogLevel.Error, "The guard does not answer and is ended: process {Process}")]
    public static partial void GuardSilent(this ILogger log, int process);

    [LoggerMessage(7005, LogLevel.Warning, "Guard: {Line}")]
    public static partial void GuardSays(this ILogger log, string line);

    [LoggerMessage(7006, LogLevel.Warning, "The guard has made everything safe: {Reason}")]
    public static partial void Tripped(this ILogger log, string reason);

    [LoggerMessage(7007, LogLevel.Information, "The guard lets the devices be used")]
    public static partial void Armed(this ILogger log);

    [LoggerMessage(7008, LogLevel.Information, "{Port}: {Uri} is open")]
    public static partial void PortOpened(this ILogger log, string port, string uri);

    [LoggerMessage(7010, LogLevel.Error, "{Device} keeps failing by a fault of ours: the guard is left to make everything safe")]
    public static partial void BeatWithheld(this ILogger log, string device);

    [LoggerMessage(7011, LogLevel.Error, "Stopped without a guard; the ports are made safe by the agent itself: {Result}")]
    public static partial void SafeWithoutGuard(this ILogger log, string result);

    [LoggerMessage(7009, LogLevel.Warning, "{Port} ({Uri}): {What}. {Remedy}")] // once, however often it is tried again
    public static partial void PortFaulted(this ILogger log, string port, string uri, string what, string remedy);
}
