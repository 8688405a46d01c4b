using EdgeCam.Agent.Security;

namespace EdgeCam.Agent.Settings;

/// <summary>
/// The files of what was set remotely, in the state folder. Each is there as a whole or as it was before, whenever the power goes: none is ever
/// written in place.
/// </summary>
internal sealed class SettingsFolder(string folder)
{
    /// <summary>Bytes that one layer of settings may have.</summary>
    public const int MaxLayer = 256 * 1024;

    private const int MaxFile = MaxLayer + 4096; // a trial says some more than its values

    /// <summary>What is set remotely, and was confirmed.</summary>
    public string Confirmed { get; } = Path.Combine(folder, "config.json");

    /// <summary>What is on trial; there only while something is.</summary>
    public string Trial { get; } = Path.Combine(folder, "config.trial.json");

    /// <summary>A copy of what was confirmed last, for the day on which <see cref="Confirmed"/> cannot be read.</summary>
    public string LastGood { get; } = Path.Combine(folder, "config.last-good.json");

    /// <summary>What became of the desired settings that were taken last.</summary>
    public string Desired { get; } = Path.Combine(folder, "config.desired.json");

    /// <summary>A file's text; or why it is left alone, where others could have written it. Neither: there is none.</summary>
    /// <remarks>The same care as for the keys beside it.</remarks>
    public (string? Json, ConfigurationMistake? Refusal) Read(string path)
    {
        const string Owner = "It has to be of the user who runs edgecam";
        try
        {
            var length = new FileInfo(path).Length; // throws where there is none, and tells that from a folder that may not be looked into
            if (!IsTrusted(folder) || !IsTrusted(path))
                return (null, new("", "belongs to another user, or lies in a folder that does", $"{Owner}, or of root: chown it, or remove it."));
            if (StateFile.IsWritableByOthers(path) || StateFile.IsWritableByOthers(folder))
                return (null, new("", "may be written by others than its owner, or be replaced by them", $"Run: chmod 600 {path} and chmod 700 {folder}; look at what is in it first."));
            if (length > MaxFile)
                return (null, new("", "is larger than a configuration", $"It has at most {MaxLayer / 1024} KiB. Remove it."));
            return (File.ReadAllText(path), null);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (null, new("", "cannot be read", $"{Owner}; run this command as that user, or as root."));
        }
    }

    /// <summary>Returns once it is on the disk.</summary>
    /// <exception cref="IOException">It could not be written; what was there before is there still.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void Write(string path, ReadOnlySpan<byte> content)
    {
        StateFile.CreateFolder(folder);
        // One draft for each file, so that those of writers who were killed do not pile up.
        DurableFile.Write(path, $"{path}.draft", content, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Returns once it is gone from the disk, too.</summary>
    /// <exception cref="IOException">It could not be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">As above.</exception>
    public void Remove(string path)
    {
        if (Directory.Exists(folder))
            DurableFile.Delete(path);
    }

    /// <summary>Ours or root's; and root looks at what belongs to the service, as the folder does.</summary>
    private bool IsTrusted(string path) =>
        !StateFile.IsOfOthers(path) || (Environment.IsPrivilegedProcess && StateFile.HaveOneOwner(path, folder));
}
