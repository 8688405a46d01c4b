using System.Runtime.InteropServices;

namespace EdgeCam.Agent.Management.Update;

/// <summary>Whether an update is one for this device, as it is now.</summary>
internal static class UpdateRules
{
    /// <summary>An archive, its copy and what is unpacked from it have room on a disk with so many times its size.</summary>
    public const int RoomFactor = 3;

    /// <summary>What this program was built for, as .NET names it.</summary>
    public static string DeviceClass { get; } = $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    /// <param name="current">What runs.</param>
    /// <param name="rollbackIndex">Of the newest that was ever found healthy here.</param>
    public static UpdateRefusal? Check(UpdateManifest manifest, string deviceClass, UpdateVersion current, long rollbackIndex)
    {
        if (manifest.DeviceClass != deviceClass)
            return new(UpdateReasons.WrongDeviceClass, $"it is for {manifest.DeviceClass}, and this device is {deviceClass}", "Send that of this class.");
        if (manifest.Version.IsSameAs(current))
            return new(UpdateReasons.SameVersion, $"{current} runs already", "There is nothing to do.");
        if (manifest.Version.IsOlderThan(current))
            return new(UpdateReasons.OlderVersion, $"{manifest.Version} is older than {current}, which runs", "To go back, release what you want under a higher number.");
        if (manifest.RollbackIndex < rollbackIndex)
            return new(UpdateReasons.OlderRollbackIndex, $"its rollback index {manifest.RollbackIndex} is below the device's, {rollbackIndex}", "Release it with that index or a higher one.");
        if (manifest.MinimumVersion is { } minimum && current.IsOlderThan(minimum))
            return new(UpdateReasons.BelowMinimumVersion, $"it needs {minimum} at least, and {current} runs", $"Install {minimum} first.");
        return null;
    }

    /// <summary>The disk that a folder lies on has less room than an archive of so many bytes takes.</summary>
    public static UpdateRefusal? CheckRoom(string folder, long size)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace;
        return free >= size * RoomFactor ? null : NoSpace($"{folder} has {free} bytes free, and an update of {size} bytes takes {size * RoomFactor}");
    }

    public static UpdateRefusal NoSpace(string problem) => new(UpdateReasons.NoSpace, problem, "Make room: remove recordings or old logs (journalctl --vacuum-size=16M).");

    /// <summary>The disk is full, or the user's share of it (ENOSPC, EDQUOT).</summary>
    public static bool IsDiskFull(IOException failure) => failure.HResult is 28 or 122;
}
