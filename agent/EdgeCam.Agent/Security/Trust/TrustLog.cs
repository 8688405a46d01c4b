namespace EdgeCam.Agent.Security.Trust;

/// <summary>What is said of issuers and revocations: 6000 to 6099.</summary>
internal static partial class TrustLog
{
    [LoggerMessage(6001, LogLevel.Information, "Issuer {Issuer}: {Count} keys in {File}")]
    public static partial void KeysRead(this ILogger log, string issuer, string file, int count);

    [LoggerMessage(6002, LogLevel.Warning, "Issuer {Issuer}: {File} {Problem}; the keys before stay")]
    public static partial void KeysNotRead(this ILogger log, string issuer, string file, string problem);

    [LoggerMessage(6003, LogLevel.Warning, "Issuer {Issuer}: {File} is gone; no token of that issuer is taken any more")]
    public static partial void KeysGone(this ILogger log, string issuer, string file);

    [LoggerMessage(6004, LogLevel.Information, "{Count} revocations in {File}")]
    public static partial void RevocationsRead(this ILogger log, string file, int count);

    [LoggerMessage(6005, LogLevel.Warning, "{File} {Problem}; what it revoked before stays revoked")]
    public static partial void RevocationsNotRead(this ILogger log, string file, string problem);

    [LoggerMessage(6006, LogLevel.Error, "{File} {Problem}: what was revoked by access.revoke is not known any more, revoke it again; the file is laid aside")]
    public static partial void RevocationsDamaged(this ILogger log, string file, string problem);

    [LoggerMessage(6007, LogLevel.Error, "{File} cannot be written ({Problem}): what was revoked holds until the next start only")]
    public static partial void RevocationsNotKept(this ILogger log, string file, string problem);

    [LoggerMessage(6008, LogLevel.Warning, "{File} {Problem}: an older desired configuration could be taken once more")]
    public static partial void DesiredMarkDamaged(this ILogger log, string file, string problem);

    [LoggerMessage(6009, LogLevel.Warning, "Which desired configuration was taken last is not on the disk, and is known to this run only: {Problem}")]
    public static partial void DesiredMarkUnwritten(this ILogger log, string problem);
}
