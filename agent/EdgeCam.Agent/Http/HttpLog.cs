namespace EdgeCam.Agent.Http;

internal static partial class HttpLog
{
    [LoggerMessage(8001, LogLevel.Warning, "Certificate {File} has changed and cannot be used ({Reason}); the one before stays")]
    public static partial void CertificateNotRead(this ILogger log, string file, string reason);
}
