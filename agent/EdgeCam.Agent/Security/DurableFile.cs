using EdgeCam.Agent.Security.Interop;

namespace EdgeCam.Agent.Security;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>A file that is there as a whole or as it was before, whenever the power goes.</summary>
internal static class DurableFile
{
    /// <summary>Writes a draft beside the file, brings it to the disk and renames it; returns once that is on the disk, too.</summary>
    /// <param name="draft">In the file's folder. A file of that name is the draft of one who did not come to an end, and goes.</param>
    /// <param name="owner">Who gets it; null: whoever writes.</param>
    /// <param name="mayReplace">False: a file that is there stays, and an <see cref="IOException"/> says so.</param>
    public static void Write(string path, string draft, ReadOnlySpan<byte> content, UnixFileMode mode, FileKeeper? owner = null, bool mayReplace = true)
    {
        File.Delete(draft);
        try
        {
            using (var file = new FileStream(draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
            {
                if (owner is not null)
                    FileOwner.Give(file.SafeFileHandle, owner);
                File.SetUnixFileMode(file.SafeFileHandle, mode); // after the owner, since a new owner costs bits; and whatever the umask says
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            if (mayReplace)
            {
                File.Move(draft, path, overwrite: true);
            }
            else
            {
                FileLink.Create(draft, path);
                File.Delete(draft);
            }

            FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }

    /// <summary>Removes a file, and returns once it is gone from the disk, too. One that is not there is none to remove.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }
}
