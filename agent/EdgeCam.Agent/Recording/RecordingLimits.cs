namespace EdgeCam.Agent.Recording;

/// <summary>How much is kept. Where there is more, the oldest segments go first.</summary>
/// <param name="MaxBytes">All segments together.</param>
/// <param name="MinFree">What the disk has to have left.</param>
/// <param name="MaxAge">Null: as old as they may become.</param>
/// <param name="MaxSegments">So that listing them takes bounded memory.</param>
internal sealed record RecordingLimits(long MaxBytes, long MinFree, TimeSpan? MaxAge = null, int MaxSegments = 20_000)
{
    private const long LargestSegment = 1024L * 1024 * 1024;

    /// <summary>A segment of so many bytes ends with the next IDR picture: those that are written, of all cameras, shall leave room for what was recorded before.</summary>
    public long SegmentBytes(int cameras) => Math.Min(LargestSegment, MaxBytes / (4 * Math.Max(cameras, 1)));
}
