using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Devices.Ptz;

/// <summary>A named position.</summary>
/// <param name="Position">Normalised, of the axes that the head had when it was set.</param>
/// <param name="Scope">Needed to go there, overwrite or remove it, besides that of the method; none: nothing more.</param>
/// <param name="Thumbnail">A JPEG picture in base64.</param>
internal sealed record PtzPreset(string Token, string Name, PtzVector Position, AccessScope Scope = AccessScope.None, string? Thumbnail = null);
