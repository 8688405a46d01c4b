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

    [LoggerMessage(1203, LogLevel.Information, "Home Assistant is told of {Count} entities on {Topic}")]
    public static partial void Announced(this ILogger log, int count, string topic);

    [LoggerMessage(1204, LogLevel.Warning, "What Home Assistant was told cannot be kept in the state folder: where it is switched off, its entities stay until they are removed there")]
    public static partial void NotKept(this ILogger log);

    [LoggerMessage(1205, LogLevel.Warning, "A command of Home Assistant for {Name} is refused: {Problem}")]
    public static partial void CommandRefused(this ILogger log, string name, string problem);

    [LoggerMessage(1206, LogLevel.Information, "A command of Home Assistant for {Name} is done")]
    public static partial void CommandDone(this ILogger log, string name);

    [LoggerMessage(1207, LogLevel.Warning, "{By} restarts the agent")]
    public static partial void RestartAsked(this ILogger log, string by);

    [LoggerMessage(1208, LogLevel.Warning, "{By} reboots the board")]
    public static partial void RebootAsked(this ILogger log, string by);

    [LoggerMessage(1209, LogLevel.Warning, "The board is not rebooted: {Problem}")]
    public static partial void RebootFailed(this ILogger log, string problem);
}
