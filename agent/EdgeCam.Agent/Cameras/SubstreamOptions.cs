using System.ComponentModel.DataAnnotations;

namespace EdgeCam.Agent.Cameras;

/// <summary>The smaller picture for viewers whose network cannot carry the main one: the agent encodes it, where it encodes; or the camera gives it.</summary>
/// <param name="Width">Pixels; null takes the camera's width divided by the smallest whole number that leaves 640 or less.</param>
/// <param name="Height">Null: in proportion.</param>
/// <param name="FrameRate">Null: the camera's, divided by the smallest whole number that leaves 15 or less.</param>
/// <param name="Bitrate">At most; a slower network gets less, where the agent encodes.</param>
/// <param name="Source">Of a camera that gives a second stream itself: where that comes from, written as the camera's own source.</param>
internal sealed record SubstreamOptions(
    bool Enabled = true,
    [property: Range(64, 4096)] int? Width = null,
    [property: Range(64, 4096)] int? Height = null,
    [property: Range(1, 120)] int? FrameRate = null,
    [property: Range(100_000, 25_000_000)] int Bitrate = 300_000,
    string? Source = null)
{
    /// <summary>The camera gives it, and the agent takes it as it is.</summary>
    public bool IsGiven => Enabled && Source is not null;
}
