using System.Security.Cryptography;
using EdgeCam.Agent.Diagnostics;

namespace EdgeCam.Agent.Management;

/// <summary>Who this device is, for as long as the process runs.</summary>
/// <param name="Since">When it started; null where the clock was not set then.</param>
/// <param name="BootId">New at each start: tells a message of this run from one of an older connection.</param>
internal sealed record DeviceIdentity(string Id, string Name, string BootId, string Version, DateTimeOffset? Since)
{
    private const int MaxId = 63;

    public static DeviceIdentity Create(DeviceOptions options, string hostName, string version, TimeProvider time)
    {
        var id = IdOf(options, hostName);
        return new(id, options.Name ?? id, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), version, DeviceClock.IsSet(time) ? time.GetUtcNow() : null);
    }

    /// <summary>The id as configured, or as the host's name gives it.</summary>
    public static string IdOf(DeviceOptions options, string hostName) => options.Id ?? IdFrom(hostName);

    /// <summary>A host's name made into a device id: <c>[a-z0-9][a-z0-9-]{0,62}</c>.</summary>
    public static string IdFrom(string hostName)
    {
        var name = new string([.. hostName.Split('.')[0].ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-')]);
        name = name.Trim('-');
        return name.Length == 0 ? "edgecam" : name[..Math.Min(name.Length, MaxId)].TrimEnd('-');
    }
}
