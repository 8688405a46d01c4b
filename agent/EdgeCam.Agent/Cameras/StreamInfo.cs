using EdgeCam.WebRtc.Primitives;

namespace EdgeCam.Agent.Cameras;

/// <summary>What the encoder really sends, read from its sequence parameter set.</summary>
/// <param name="Width">Pixels after cropping.</param>
/// <param name="Height">Pixels after cropping.</param>
internal sealed record StreamInfo(ProfileLevelId Profile, int Width, int Height);
