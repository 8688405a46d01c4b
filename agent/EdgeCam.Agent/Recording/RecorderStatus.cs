namespace EdgeCam.Agent.Recording;

/// <summary>How the recorder of a camera does now.</summary>
/// <param name="Detail">For people: what is wrong and what to do; empty where nothing is.</param>
/// <param name="Segment">What it writes, or wrote last; null where it has written nothing since the start.</param>
internal sealed record RecorderStatus(RecorderState State, string Detail = "", SegmentId? Segment = null);
