namespace EdgeCam.Agent.Diagnostics;

internal static partial class DiagnosticsLog
{
    [LoggerMessage(1001, LogLevel.Information, "{Count} dropped at {Stage}: {Reason}")]
    public static partial void Dropped(this ILogger log, long count, Stage stage, DropReason reason);

    [LoggerMessage(1002, LogLevel.Warning, "The loopback interface carries no datagrams ({Problem}): whether .NET's sockets still work is not watched")]
    public static partial void ProbeFailed(this ILogger log, string problem);

    [LoggerMessage(1003, LogLevel.Information, "Measurements go to the collector {Host}")]
    public static partial void CollectorHears(this ILogger log, string host);

    [LoggerMessage(1004, LogLevel.Warning, "The collector {Host} takes no measurements ({Problem}): they are offered again each minute")]
    public static partial void CollectorAway(this ILogger log, string host, string problem);
}
