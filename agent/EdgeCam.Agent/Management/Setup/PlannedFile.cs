namespace EdgeCam.Agent.Management.Setup;

/// <summary>A file that the setup writes.</summary>
/// <param name="Path">Below the root of the system.</param>
internal sealed record PlannedFile(string Path, byte[] Content, UnixFileMode Mode, PlannedOwner Owner = PlannedOwner.Root)
{
    public override string ToString() => Path; // never what is in it
}
