namespace EdgeCam.Agent.Recording;

/// <summary>Why the disk did not take something, in words without a path.</summary>
internal static class DiskFault
{
    public static bool IsFull(Exception failure) => failure is IOException { HResult: 28 or 122 }; // ENOSPC, EDQUOT

    public static string InWords(Exception failure) => failure switch
    {
        UnauthorizedAccessException => "edgecam may not write to the folder of recordings: give it to the user edgecam",
        { HResult: 28 } => "the disk is full: make room, or lower recording.maxMegabytes",
        { HResult: 122 } => "the disk quota of edgecam is used up: lower recording.maxMegabytes or raise the quota",
        { HResult: 11 } => "another edgecam has its recordings in this folder: end it, or give each a recording.folder of its own",
        { HResult: 30 } => "the disk can only be read: see what the kernel says of it (dmesg)",
        { HResult: 5 } => "the disk reports an error: see what the kernel says of it (dmesg)",
        _ => $"the disk did not take it (error {failure.HResult}): see the agent's log",
    };
}
