namespace EdgeCam.Agent.Management.Update;

/// <summary>What an update is installed over.</summary>
/// <param name="Version">What runs; null where it is none to compare with.</param>
/// <param name="DeviceClass">As in <see cref="UpdateManifest"/>.</param>
/// <param name="StateFolder">The agent's, as configured.</param>
internal sealed record UpdateDevice(UpdatePaths Paths, UpdateVersion? Version, string DeviceClass, string StateFolder)
{
    /// <summary>Why nothing could install an update here; null where something can.</summary>
    public UpdateRefusal? Unfit()
    {
        const string Remedy = "Install the package edgecam, and let it run as its service does.";
        if (Version is null)
            return new(UpdateReasons.NoHelper, "what runs has no version to compare with", Remedy);
        if (!Directory.Exists(Paths.Helper) || !Directory.Exists(Paths.Programs))
            return new(UpdateReasons.NoHelper, "nothing on this device installs updates", Remedy);
        return Path.GetFullPath(StateFolder) == Path.GetFullPath(Paths.AgentState)
            ? null
            : new(UpdateReasons.NoHelper, $"what installs updates looks into {Paths.AgentState} only, and device.stateFolder is {StateFolder}", "Leave device.stateFolder at its default.");
    }
}
