using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;
using Microsoft.Extensions.Options;

namespace EdgeCam.Agent.Recording;

/// <summary>What is recorded, where, and how much of it is kept.</summary>
/// <param name="Mode">Of cameras that <paramref name="Cameras"/> does not name: <c>off</c>, <c>onRequest</c> or <c>continuous</c>.</param>
/// <param name="Folder">Null: <c>recordings</c> in the state folder.</param>
/// <param name="SegmentSeconds">How long a file becomes; it ends with the next IDR picture.</param>
/// <param name="MaxMegabytes">All files together, in 1,000,000 bytes.</param>
/// <param name="MinFreeMegabytes">What the disk has to have left.</param>
/// <param name="MaxAgeDays">Null: as old as they may become.</param>
internal sealed record RecordingOptions(
    [property: OneOf("off", "onRequest", "continuous")] string Mode = "onRequest",
    RecordingCameraOptions[]? Cameras = null,
    string? Folder = null,
    [property: Range(5, 3600)] int SegmentSeconds = 60,
    [property: Range(16, 100_000_000)] int MaxMegabytes = 4000,
    [property: Range(16, 100_000_000)] int MinFreeMegabytes = 500,
    [property: Range(1, 3650)] int? MaxAgeDays = null)
{
    [ValidateEnumeratedItems]
    public RecordingCameraOptions[] Cameras { get; init => field = value ?? []; } = Cameras ?? [];

    public RecordingLimits Limits => new(MaxMegabytes * 1_000_000L, MinFreeMegabytes * 1_000_000L, MaxAgeDays is { } days ? TimeSpan.FromDays(days) : null);

    /// <summary>The mode of a camera.</summary>
    public string ModeOf(string camera) => Array.Find(Cameras, known => known.Camera == camera)?.Mode ?? Mode;
}
