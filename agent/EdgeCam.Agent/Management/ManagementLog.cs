namespace EdgeCam.Agent.Management;

/// <summary>What is said of the service: 1200 to 1299.</summary>
internal static partial class ManagementLog
{
    [LoggerMessage(1200, LogLevel.Information, "Ready: {Status}")]
    public static partial void Ready(this ILogger log, string status);

    [LoggerMessage(1201, LogLevel.Error, "No sign of life from the loop \"{Loop}\", {Seconds:0.0} s after it was due: the service manager gets none either, and restarts the agent where it watches")]
    public static partial void LoopSilent(this ILogger log, string loop, double seconds);

    [LoggerMessage(1202, LogLevel.Warning, "The service manager cannot be told how the agent does: {Problem}")]
    public static partial void ManagerUnreachable(this ILogger log, string problem);
}
