namespace EdgeCam.WebRtc.Primitives;

/// <summary>Where a NAL unit lies in an access unit's block, its header byte included and its start code left out.</summary>
public readonly record struct NalUnit(int Offset, int Length);
