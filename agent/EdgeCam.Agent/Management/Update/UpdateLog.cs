namespace EdgeCam.Agent.Management.Update;

/// <summary>What updates log: 1300 to 1349.</summary>
internal static partial class UpdateLog
{
    [LoggerMessage(1300, LogLevel.Information, "Update {Version}: {State}")]
    public static partial void Advanced(this ILogger log, string version, string state);

    [LoggerMessage(1301, LogLevel.Warning, "Update {Version} {State} ({Reason}): {Problem}. {Remedy}")]
    public static partial void Failed(this ILogger log, string version, string state, string reason, string problem, string remedy);

    [LoggerMessage(1302, LogLevel.Information, "Download from {Host}: {Problem}; again in {Seconds:0.0} s")]
    public static partial void DownloadInterrupted(this ILogger log, string host, string problem, double seconds);

    [LoggerMessage(1303, LogLevel.Information, "This version is on trial: healthy is it with {Expected}")]
    public static partial void OnTrial(this ILogger log, string expected);

    [LoggerMessage(1304, LogLevel.Information, "This version is healthy; the helper confirms it")]
    public static partial void Healthy(this ILogger log);

    [LoggerMessage(1305, LogLevel.Warning, "Update: {File} could not be written: {Problem}")]
    public static partial void NotWritten(this ILogger log, string file, string problem);
}
