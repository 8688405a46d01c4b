namespace EdgeCam.Agent.Diagnostics;

internal static partial class DiagnosticsLog
{
    [LoggerMessage(1001, LogLevel.Information, "{Count} dropped at {Stage}: {Reason}")]
    public static partial void Dropped(this ILogger log, long count, Stage stage, DropReason reason);
}
