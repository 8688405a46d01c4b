namespace EdgeCam.Agent.Diagnostics;

/// <summary>What a camera's stream has done so far.</summary>
/// <param name="Pictures">Since the start.</param>
/// <param name="KeyFrames">IDR pictures among them.</param>
/// <param name="Bitrate">Bits per second, over the last second or two that had pictures.</param>
/// <param name="Substream">Null where the camera has none.</param>
internal sealed record StreamFigures(string Camera, long Pictures, long KeyFrames, long Bitrate, StreamFigures? Substream = null);
