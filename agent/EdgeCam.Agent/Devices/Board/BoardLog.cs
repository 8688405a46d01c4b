namespace EdgeCam.Agent.Devices.Board;

internal static partial class BoardLog
{
    [LoggerMessage(7301, LogLevel.Warning, "The board is at {Celsius} °C, and slows down by itself. Give it air, a heat sink or a fan")]
    public static partial void Hot(this ILogger log, double celsius);

    [LoggerMessage(7302, LogLevel.Warning, "The board holds its processor back, or did a moment ago, for heat or for want of voltage: pictures may come late")]
    public static partial void Throttled(this ILogger log);

    [LoggerMessage(7303, LogLevel.Warning, "The supply's voltage is too low, or was a moment ago: the card may be damaged by it. Use the board's own power supply, and a short cable")]
    public static partial void UnderVoltage(this ILogger log);

    [LoggerMessage(7304, LogLevel.Warning, "The disk with {Folder} is nearly full, {Free} MiB are left of {Total}. Make room: presets and settings cannot be kept without")]
    public static partial void DiskFull(this ILogger log, string folder, long free, long total);

    [LoggerMessage(7305, LogLevel.Information, "Over: {Condition}")]
    public static partial void Over(this ILogger log, string condition);
}
