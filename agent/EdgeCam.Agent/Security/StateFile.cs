using EdgeCam.Agent.Security.Interop;

namespace EdgeCam.Agent.Security;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>A file in the device's state folder, which only its own user may read.</summary>
internal static class StateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnerOnly | UnixFileMode.UserExecute;
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static void CreateFolder(string folder) => Directory.CreateDirectory(folder, OwnersFolder);

    /// <summary>Somebody else than its user may read or write it.</summary>
    public static bool IsOpenToOthers(string path) => (File.GetUnixFileMode(path) & Others) != 0;

    /// <summary>Somebody else owns it, but root: he could let himself in at any time.</summary>
    public static bool IsOfOthers(string path) => !FileOwner.IsOursOrRoots(path);

    /// <summary>The same user owns both.</summary>
    public static bool HaveOneOwner(string path, string other) => FileOwner.Of(path) is { } owner && owner == FileOwner.Of(other);

    /// <summary>Somebody else may write it; of a folder: may put files into it, or take them away.</summary>
    public static bool IsWritableByOthers(string path) =>
        (File.GetUnixFileMode(path) & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0;

    /// <summary>Writes it all or not at all, whatever happens meanwhile, and returns once it is on the disk.</summary>
    /// <param name="mayReplace">False: a file that is there stays, and an <see cref="IOException"/> says so.</param>
    public static void Write(string path, ReadOnlySpan<byte> content, bool mayReplace = true) =>
        DurableFile.Write(path, $"{path}.{Guid.NewGuid():N}", content, OwnerOnly, null, mayReplace);
}
