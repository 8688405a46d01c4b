using System.Formats.Tar;
using System.IO.Compression;
using EdgeCam.Agent.Security.Interop;

namespace EdgeCam.Agent.Management.Update.Install;

#pragma warning disable CA1416 // EdgeCam runs on Linux

/// <summary>
/// Unpacks what build-arm64.sh packs: a tar file (GNU, pax or ustar) under gzip, one folder with all that belongs to a version in it. That
/// folder's name is left out. Nothing comes out but regular files and folders, below the place meant, with root as their owner and no bits
/// but those of reading and running.
/// </summary>
/// <remarks>It is called for what is signed; the bounds are for the day a key is lost, or the packing errs.</remarks>
internal static class UpdateArchive
{
    public const long MaxUnpacked = 512L * 1024 * 1024; // bytes
    public const int MaxEntries = 2000;

    private const int MaxName = 255; // characters
    private const int MaxDepth = 8;
    private const int Block = 256 * 1024; // bytes
    private const UnixFileMode Folder = (UnixFileMode)0b111_101_101; // 0755
    private const UnixFileMode Plain = (UnixFileMode)0b110_100_100; // 0644

    /// <summary>Returns once all of it is on the disk.</summary>
    /// <param name="archive">Its file.</param>
    /// <param name="folder">Is made.</param>
    /// <returns>What is wrong with it, in words; null where nothing is.</returns>
    /// <exception cref="IOException">The disk is full, or the like.</exception>
    public static string? Unpack(string archive, string folder)
    {
        Directory.CreateDirectory(folder, Folder);
        using var file = File.OpenRead(archive);
        using var unzipped = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(unzipped);
        try
        {
            return Unpack(tar, folder);
        }
        catch (Exception malformed) when (malformed is InvalidDataException or FormatException or EndOfStreamException or ArgumentException or NotSupportedException)
        {
            return $"it is no tar file under gzip, or a damaged one: {malformed.Message}";
        }
    }

    private static string? Unpack(TarReader tar, string folder)
    {
        string? top = null;
        var (entries, unpacked) = (0, 0L);
        HashSet<string> folders = new(StringComparer.Ordinal) { folder };
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType == TarEntryType.GlobalExtendedAttributes)
                continue;
            if (++entries > MaxEntries)
                return $"it has more than {MaxEntries} entries";
            if (Parts(entry.Name) is not { } parts)
                return "it has an entry whose name is empty, absolute, too long, or leads upwards";
            if (parts[0] != (top ??= parts[0]))
                return "it has more than one folder at its top";
            var path = Path.Combine([folder, .. parts[1..]]);
            if (entry.EntryType == TarEntryType.Directory)
            {
                MakeFolders(path, folder, folders);
                continue;
            }

            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile) || parts.Length < 2)
                return $"{string.Join('/', parts)} is neither a file nor a folder below the one at its top";
            if ((unpacked += entry.Length) > MaxUnpacked)
                return $"it unpacks to more than {MaxUnpacked} bytes";
            MakeFolders(Path.GetDirectoryName(path)!, folder, folders);
            if (Path.Exists(path))
                return $"{string.Join('/', parts)} is in it twice";
            Write(entry, path);
        }

        foreach (var made in folders)
            FolderSync.Flush(made);
        return File.Exists(Path.Combine(folder, UpdatePaths.Program)) ? null : "it holds no program edgecam";
    }

    /// <summary>The parts of a name; null where it is none to be taken.</summary>
    private static string[]? Parts(string name)
    {
        var parts = name.TrimEnd('/').Split('/');
        return name.Length is > 0 and <= MaxName && parts.Length <= MaxDepth && !parts.Any(static part => part.Length == 0 || part is "." or ".." || part.Any(char.IsControl)) ? parts : null;
    }

    private static void MakeFolders(string path, string folder, HashSet<string> made)
    {
        if (made.Contains(path))
            return;
        MakeFolders(Path.GetDirectoryName(path)!, folder, made);
        Directory.CreateDirectory(path, Folder);
        File.SetUnixFileMode(path, Folder); // whatever the umask says
        made.Add(path);
    }

    private static void Write(TarEntry entry, string path)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        File.SetUnixFileMode(file.SafeFileHandle, (entry.Mode & UnixFileMode.UserExecute) != 0 ? Folder : Plain);
        if (entry.DataStream is { } content)
            content.CopyTo(file, Block);
        file.Flush(flushToDisk: true);
    }
}
