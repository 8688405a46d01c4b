namespace EdgeCam.Agent.Cameras.Rtsp;

/// <summary>What one value of a frame's first byte stands for: the main header has a table of all 256.</summary>
internal readonly record struct NutFrameCode(NutFlags Flags, long TimeDelta, long SizeMultiplier, long Stream, long Size, long Reserved, int Header);
