using System.ComponentModel.DataAnnotations;

namespace EdgeCam.Agent.Recording;

/// <summary>A camera that is recorded otherwise than the others.</summary>
/// <param name="Mode">As in <see cref="RecordingOptions.Mode"/>.</param>
internal sealed record RecordingCameraOptions(
    [property: Required] string Camera,
    [property: Required, RegularExpression("^(off|onRequest|continuous)$", ErrorMessage = "{0} must be off, onRequest or continuous")] string Mode);
