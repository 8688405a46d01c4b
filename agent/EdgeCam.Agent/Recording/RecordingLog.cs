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

    [LoggerMessage(3509, LogLevel.Warning, "Recording {Id}: its file of {Bytes} bytes does not read as a recording of edgecam, and is left alone")]
    public static partial void SegmentLeft(this ILogger log, SegmentId id, long bytes);

    [LoggerMessage(3510, LogLevel.Warning, "Recording {Id} is damaged: {Whole} of its {Bytes} bytes play, the rest is left alone")]
    public static partial void SegmentDamaged(this ILogger log, SegmentId id, long whole, long bytes);

    [LoggerMessage(3511, LogLevel.Warning, "Recording {Id} cannot be deleted, and the next one goes in its place: {Reason}")]
    public static partial void SegmentNotDeleted(this ILogger log, SegmentId id, string reason);

    [LoggerMessage(3512, LogLevel.Warning, "{Count} recordings have numbers that others have, too, such as {Id}: what was first among them, their times say")]
    public static partial void NumbersTwice(this ILogger log, int count, SegmentId id);

    [LoggerMessage(3513, LogLevel.Warning, "The folder of recordings is another one than before ({Count} recordings): a disk was mounted or taken away, or the folder made anew")]
    public static partial void FolderChanged(this ILogger log, int count);

    [LoggerMessage(3514, LogLevel.Warning, "Recording {Id} was written to a folder that is not there any more")]
    public static partial void SegmentElsewhere(this ILogger log, SegmentId id);

    [LoggerMessage(3515, LogLevel.Warning, "There are {Count} recordings, as many as there may be: the oldest go although there is room. A greater recording.segmentSeconds makes fewer")]
    public static partial void TooManySegments(this ILogger log, int count);

    [LoggerMessage(3516, LogLevel.Warning, "The folder of recordings cannot be locked, and is only read: {Reason}")]
    public static partial void FolderNotLocked(this ILogger log, string reason);

    [LoggerMessage(3517, LogLevel.Warning, "The device's clock was set {Seconds} s on: no recording is taken for too old for {Minutes} minutes")]
    public static partial void ClockJumped(this ILogger log, long seconds, int minutes);

    [LoggerMessage(3508, LogLevel.Error, "Camera {Camera}: the recorder has ended by a fault of edgecam; one in mode continuous begins anew within 15 s, others by recording.start")]
    public static partial void RecorderFaulted(this ILogger log, string camera, Exception bug);
}
