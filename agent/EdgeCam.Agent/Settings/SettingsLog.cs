namespace EdgeCam.Agent.Settings;

/// <summary>What is said of the settings: 1400 to 1499.</summary>
internal static partial class SettingsLog
{
    [LoggerMessage(1400, LogLevel.Information, "{By} has set {Keys}: revision {Revision}, {How}")]
    public static partial void SettingsSet(this ILogger log, string by, string keys, string revision, string how);

    [LoggerMessage(1401, LogLevel.Information, "Settings {Revision} are confirmed")]
    public static partial void SettingsConfirmed(this ILogger log, string revision);

    [LoggerMessage(1402, LogLevel.Warning, "Settings {Revision} are rolled back: {Reason}")]
    public static partial void SettingsRolledBack(this ILogger log, string revision, string reason);

    [LoggerMessage(1403, LogLevel.Error, "The settings cannot be written: {Problem}")]
    public static partial void SettingsNotWritten(this ILogger log, string problem);

    [LoggerMessage(1404, LogLevel.Warning, "Desired settings are refused: {Reason}")]
    public static partial void DesiredRefused(this ILogger log, string reason);

    [LoggerMessage(1405, LogLevel.Warning, "Settings: {Alarm}")]
    public static partial void SettingsAlarm(this ILogger log, string alarm);

    [LoggerMessage(1406, LogLevel.Information, "The agent's parts are made anew by the settings {Revision}")]
    public static partial void SettingsRestart(this ILogger log, string revision);
}
