namespace EdgeCam.Agent.Recording.Mp4;

/// <summary>An IDR picture in a segment.</summary>
/// <param name="Time">Ticks from the segment's start.</param>
/// <param name="Fragment">Where its fragment begins in the file.</param>
/// <param name="Number">Its number in that, from 1.</param>
internal readonly record struct SyncSample(long Time, long Fragment, uint Number);
