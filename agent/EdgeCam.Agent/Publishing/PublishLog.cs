namespace EdgeCam.Agent.Publishing;

internal static partial class PublishLog
{
    [LoggerMessage(3901, LogLevel.Information, "Output {Output}: {Camera} is published to {Server} by {Path}, protected with {Protection}")]
    public static partial void Publishing(this ILogger log, string output, string camera, string server, string path, string protection);

    [LoggerMessage(3902, LogLevel.Warning, "Output {Output}: {Problem}; trying again")]
    public static partial void PublishFailed(this ILogger log, string output, string problem);

    [LoggerMessage(3903, LogLevel.Debug, "Output {Output}: the next attempt is in {Seconds} s")]
    public static partial void PublishWaits(this ILogger log, string output, double seconds);

    [LoggerMessage(3904, LogLevel.Debug, "Output {Output}: the server was not told of the end: {Problem}")]
    public static partial void FarewellFailed(this ILogger log, string output, string problem);

    [LoggerMessage(3905, LogLevel.Information, "Output {Output}: ICE restarted, as the device's addresses changed")]
    public static partial void PublishRestarted(this ILogger log, string output);

    [LoggerMessage(3906, LogLevel.Error, "Output {Output} ended by a fault of ours; all else goes on")]
    public static partial void PublisherFaulted(this ILogger log, string output, Exception fault);
}
