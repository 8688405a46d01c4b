namespace EdgeCam.Agent.Recording;

/// <summary>What recording logs: 3500 to 3549.</summary>
internal static partial class RecordingLog
{
    [LoggerMessage(3500, LogLevel.Information, "Camera {Camera}: recording {What}{Words}")]
    public static partial void RecordingTold(this ILogger log, string camera, string what, string words);

    [LoggerMessage(3501, LogLevel.Warning, "Camera {Camera}: recording has stopped for now ({What}): {Why}")]
    public static partial void RecordingHeldUp(this ILogger log, string camera, string what, string why);

    [LoggerMessage(3502, LogLevel.Warning, "Camera {Camera}: the disk did not take a recording")]
    public static partial void RecordingDiskFailed(this ILogger log, string camera, Exception failure);

    [LoggerMessage(3503, LogLevel.Information, "Recording {Id} had not been closed: it has {Pictures} pictures, and {Bytes} bytes of more that was not whole are gone")]
    public static partial void SegmentClosed(this ILogger log, SegmentId id, uint pictures, long bytes);

    [LoggerMessage(3504, LogLevel.Warning, "Recording {Id} could not be closed, and plays without its index: {Reason}")]
    public static partial void SegmentNotClosed(this ILogger log, SegmentId id, string reason);

    [LoggerMessage(3505, LogLevel.Warning, "Recording {Id} cannot be read: {Reason}")]
    public static partial void SegmentNotRead(this ILogger log, SegmentId id, string reason);

    [LoggerMessage(3506, LogLevel.Information, "Recording {Id} was begun, and nothing of it came to the disk: its file of {Bytes} bytes goes")]
    public static partial void SegmentDiscarded(this ILogger log, SegmentId id, long bytes);

    [LoggerMessage(3507, LogLevel.Warning, "The folder of recordings cannot be read, and is tried again: {Reason}")]
    public static partial void RecordingsNotRead(this ILogger log, string reason);

    [LoggerMessage(3508, LogLevel.Error, "Camera {Camera}: the recorder has ended by a fault of edgecam; recording.start begins anew")]
    public static partial void RecorderFaulted(this ILogger log, string camera, Exception bug);
}
