using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;

namespace EdgeCam.Agent.Recording;

/// <summary>A camera that is recorded otherwise than the others.</summary>
/// <param name="Mode">As in <see cref="RecordingOptions.Mode"/>.</param>
internal sealed record RecordingCameraOptions(
    [property: Required] string Camera,
    [property: Required, OneOf("off", "onRequest", "continuous")] string Mode);
