namespace EdgeCam.Agent.Recording;

/// <summary>How much is kept. Where there is more, the oldest segments go first.</summary>
/// <param name="MaxBytes">All segments together.</param>
/// <param name="MinFree">What the disk has to have left.</param>
/// <param name="MaxAge">Null: as old as they may become.</param>
/// <param name="MaxSegments">So that listing them takes bounded memory.</param>
internal sealed record RecordingLimits(long MaxBytes, long MinFree, TimeSpan? MaxAge = null, int MaxSegments = 20_000);
