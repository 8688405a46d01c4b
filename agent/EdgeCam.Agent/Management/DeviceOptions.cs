using System.ComponentModel.DataAnnotations;
using EdgeCam.Agent.Configuration;

namespace EdgeCam.Agent.Management;

/// <summary>Who this device is.</summary>
/// <param name="Id">Its name in topics, and its MQTT client id; null takes the host's name.</param>
/// <param name="Name">For people; null shows the id.</param>
/// <param name="StateFolder">Where it keeps its keys and presets.</param>
/// <param name="Groups">What it is a member of: tokens and configurations for <c>group:NAME</c> are for it, too.</param>
internal sealed record DeviceOptions(
    [property: Word("a-z0-9-", 63, First = "a-z0-9", ErrorMessage = "{0} must be 1 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit")] string? Id = null,
    [property: StringLength(64, ErrorMessage = "{0} must be at most 64 characters")] string? Name = null,
    string StateFolder = "/var/lib/edgecam",
    string[]? Groups = null)
{
    public string[] Groups { get; init => field = value ?? []; } = Groups ?? [];

    public string StateFolder { get; init => field = value ?? "/var/lib/edgecam"; } = StateFolder ?? "/var/lib/edgecam";
}
