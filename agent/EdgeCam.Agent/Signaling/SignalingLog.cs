namespace EdgeCam.Agent.Signaling;

internal static partial class SignalingLog
{
    [LoggerMessage(4001, LogLevel.Debug, "Session {Session}: offer for {Camera}")]
    public static partial void Offered(this ILogger log, SessionKey session, string camera);

    [LoggerMessage(4002, LogLevel.Debug, "Session {Session}: refused with {Code}, {Message}")]
    public static partial void Refused(this ILogger log, SessionKey session, int code, string message);

    [LoggerMessage(4003, LogLevel.Debug, "Session {Session}: closed, {Reason}")]
    public static partial void Closed(this ILogger log, SessionKey session, string reason);

    [LoggerMessage(4004, LogLevel.Error, "Session {Session}: ended by a fault of ours; the others go on")]
    public static partial void Faulted(this ILogger log, SessionKey session, Exception fault);

    [LoggerMessage(4005, LogLevel.Debug, "Operator {Client}: refused with {Code}, {Message}")]
    public static partial void RpcRefused(this ILogger log, string client, int code, string message);

    [LoggerMessage(4006, LogLevel.Error, "Operator {Client}: a request failed by a fault of ours")]
    public static partial void RpcFaulted(this ILogger log, string client, Exception fault);
}
