using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Interop;

namespace EdgeCam.Agent.Management.Setup;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>
/// Brings a plan to the disk. Each file is there as a whole or as before, and the same plan gives the same end however often, and after
/// whatever part of it, it was begun before.
/// </summary>
/// <param name="root">Of the system that is set up.</param>
/// <param name="users">Null: files stay those of whoever writes them, who is not root.</param>
internal sealed class SetupWriter(string root, SystemUsers? users)
{
    /// <exception cref="IOException">The disk is full, or the like; a further run begins anew.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not.</exception>
    public void Apply(SetupPlan plan)
    {
        foreach (var (path, mode, owner) in plan.Folders)
        {
            var folder = Path.Combine(root, path);
            CreateFolder(folder);
            if (users is not null)
                FileOwner.Give(folder, users.Of(owner));
            File.SetUnixFileMode(folder, mode);
        }

        foreach (var file in plan.Files)
        {
            var path = Path.Combine(root, file.Path);
            CreateFolder(Path.GetDirectoryName(path)!);
            DurableFile.Write(path, Draft(path), file.Content, file.Mode, users?.Of(file.Owner));
        }

        foreach (var (link, target) in plan.Links)
        {
            var path = Path.Combine(root, link);
            CreateFolder(Path.GetDirectoryName(path)!);
            File.Delete(path);
            File.CreateSymbolicLink(path, target);
            FolderSync.Flush(Path.GetDirectoryName(path)!);
        }
    }

    /// <summary>Zeros over what it holds, then away with it. A file of zeros, as a power cut leaves it, goes too.</summary>
    public static void Shred(string path)
    {
        using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
        {
            file.Write(new byte[file.Length]);
            file.Flush(flushToDisk: true);
        }

        File.Delete(path);
        FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>
    /// Of one name always, so that the next run removes what a power cut left; and of one that NetworkManager, modprobe and sshd pass over.
    /// </summary>
    internal static string Draft(string path) => Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.new~");

    private static void CreateFolder(string folder)
    {
        if (Directory.Exists(folder))
            return;
        CreateFolder(Path.GetDirectoryName(folder)!);
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101); // 0755, whatever the umask says
        FolderSync.Flush(Path.GetDirectoryName(folder)!);
    }
}
