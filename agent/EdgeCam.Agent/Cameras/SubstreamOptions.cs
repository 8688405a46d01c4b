using System.ComponentModel.DataAnnotations;

namespace EdgeCam.Agent.Cameras;

/// <summary>The smaller picture for viewers whose network cannot carry the main one; only where the agent encodes.</summary>
/// <param name="Width">Pixels; null takes the camera's width divided by the smallest whole number that leaves 640 or less.</param>
/// <param name="Height">Null: in proportion.</param>
/// <param name="FrameRate">Null: the camera's, divided by the smallest whole number that leaves 15 or less.</param>
/// <param name="Bitrate">At most; a slower network gets less.</param>
internal sealed record SubstreamOptions(
    bool Enabled = true,
    [property: Range(64, 4096)] int? Width = null,
    [property: Range(64, 4096)] int? Height = null,
    [property: Range(1, 120)] int? FrameRate = null,
    [property: Range(100_000, 25_000_000)] int Bitrate = 300_000);
