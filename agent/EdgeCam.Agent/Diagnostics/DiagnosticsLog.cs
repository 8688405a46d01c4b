namespace EdgeCam.Agent.Diagnostics;

internal static partial class DiagnosticsLog
{
    [LoggerMessage(1001, LogLevel.Information, "{Count} dropped at {Stage}: {Reason}")]
    public static partial void Dropped(this ILogger log, long count, Stage stage, DropReason reason);

    [LoggerMessage(1002, LogLevel.Warning, "The loopback interface carries no datagrams ({Problem}): whether .NET's sockets still work is not watched")]
    public static partial void ProbeFailed(this ILogger log, string problem);
}
