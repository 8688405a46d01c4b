using EdgeCam.Agent.Security;
using EdgeCam.Agent.Security.Interop;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Recording;

/// <summary>Recordings on the disk: a folder to a camera, a file to a segment, and a file that is locked by the one agent that writes here.</summary>
/// <param name="free">Bytes that the disk of a folder has left; null: as the system says.</param>
internal sealed class RecordingFolder(string folder, Func<string, long>? free) : IDisposable
{
    private const string Extension = ".mp4";
    private const string LockName = ".lock";
    private const int InUse = 11; // EAGAIN, of flock(2)

    private SafeFileHandle? _lock;

    /// <summary>Null while there is none.</summary>
    public FolderIdentity? Identity => FolderIdentity.Of(folder);

    /// <summary>Another agent has locked the folder.</summary>
    public static bool IsInUse(Exception failure) => failure is IOException { HResult: InUse };

    public string PathOf(SegmentId id) => Path.Combine(folder, id.Camera, id + Extension);

    /// <summary>Keeps other agents out, until <see cref="Release"/>.</summary>
    /// <exception cref="IOException">Another one is in, or the file that is locked cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be made.</exception>
    public void Lock()
    {
        if (_lock is not null)
            return;
        try
        {
            _lock = File.OpenHandle(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure) when (IsInUse(failure))
        {
            throw new IOException("another edgecam has its recordings in this folder", InUse);
        }
    }

    public void Release()
    {
        _lock?.Dispose();
        _lock = null;
    }

    public void Dispose() => Release();

    /// <summary>All segments there are, by their names.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public List<(SegmentId Id, long Bytes)> ReadNames()
    {
        List<(SegmentId, long)> found = [];
        if (!Directory.Exists(folder))
            return found;

        // Of other names are folders of others, such as a disk's lost+found, which we may not even read.
        foreach (var camera in new DirectoryInfo(folder).EnumerateDirectories().Where(static camera => SegmentId.IsCamera(camera.Name)))
        {
            foreach (var file in camera.EnumerateFiles("*" + Extension))
            {
                // A file that was put there by hand is none of ours, and stays.
                if (SegmentId.TryParse(Path.GetFileNameWithoutExtension(file.Name)) is { } id && id.Camera == camera.Name && Measure(file) is { } bytes)
                    found.Add((id, bytes));
            }
        }

        return found;
    }

    /// <summary>Makes the folder of a camera, and what is above it.</summary>
    public void CreateHome(string camera)
    {
        var home = Path.Combine(folder, camera);
        if (Directory.Exists(home))
            return;
        StateFile.CreateFolder(folder);
        StateFile.CreateFolder(home);
        FolderSync.Flush(Path.GetDirectoryName(Path.GetFullPath(folder))!);
        FolderSync.Flush(folder);
    }

    /// <summary>Deletes a segment's file. One that is gone already is as good as deleted.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public void Delete(SegmentId id)
    {
        try
        {
            File.Delete(PathOf(id));
        }
        catch (DirectoryNotFoundException)
        {
            // With its folder.
        }
    }

    public long MeasureFree()
    {
        var there = Path.GetFullPath(folder);
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } above)
            there = above;
        return free is null ? new DriveInfo(there).AvailableFreeSpace : free(there);
    }

    /// <returns>Null where it has gone in this moment.</returns>
    private static long? Measure(FileInfo file)
    {
        try
        {
            return file.Length;
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }
}
