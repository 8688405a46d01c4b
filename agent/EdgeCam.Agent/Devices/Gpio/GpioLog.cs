namespace EdgeCam.Agent.Devices.Gpio;

/// <summary>Ids 7200 to 7299.</summary>
internal static partial class GpioLog
{
    [LoggerMessage(7201, LogLevel.Warning, "{Name} is out of order: {Fault}. {Remedy}")]
    public static partial void OutOfOrder(this ILogger log, string name, string fault, string remedy);

    [LoggerMessage(7202, LogLevel.Information, "{Name} is in order again")]
    public static partial void InOrder(this ILogger log, string name);

    [LoggerMessage(7203, LogLevel.Information, "{Line} was on for as long as it may be and is switched off")]
    public static partial void OnTooLong(this ILogger log, string line);

    [LoggerMessage(7204, LogLevel.Information, "All outputs are made safe: {Reason}")]
    public static partial void MadeSafe(this ILogger log, string reason);
}
