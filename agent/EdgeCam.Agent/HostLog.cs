namespace EdgeCam.Agent;

internal static partial class HostLog
{
    [LoggerMessage(1101, LogLevel.Information, "EdgeCam {Version}, device {Device}: {Cameras}")]
    public static partial void Starting(this ILogger log, string version, string device, string cameras);

    [LoggerMessage(1102, LogLevel.Information, "Viewer page: {Scheme}://{Bind}/")]
    public static partial void Serving(this ILogger log, string scheme, string bind);

    [LoggerMessage(1104, LogLevel.Warning, "{Problem}: keys for this run only, and a new identity at the next start")]
    public static partial void KeysForThisRun(this ILogger log, string problem);

    [LoggerMessage(1103, LogLevel.Critical, "Ended by a fault of ours")]
    public static partial void Faulted(this ILogger log, Exception fault);
}
