namespace EdgeCam.Agent.Control;

internal static partial class ControlLog
{
    [LoggerMessage(5001, LogLevel.Error, "Method {Method} failed by a fault of ours")]
    public static partial void MethodFaulted(this ILogger log, string method, Exception fault);
}
