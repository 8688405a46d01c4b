using EdgeCam.Agent.Management.Update.Interop;
using Microsoft.Win32.SafeHandles;

namespace EdgeCam.Agent.Management.Update.Install;

/// <summary>
/// A folder of a user who is not believed. Root reads, copies and removes files in it without ever going through a link: where he has put one,
/// or a pipe or device, there is nothing.
/// </summary>
internal sealed class ForeignFolder : IDisposable
{
    private const int Block = 256 * 1024; // bytes

    private readonly SafeFileHandle _folder;

    private ForeignFolder(SafeFileHandle folder) => _folder = folder;

    /// <param name="path">Its last part may be his; what leads there is not.</param>
    /// <returns>Null where there is none.</returns>
    public static ForeignFolder? Open(string path) => NativeFiles.OpenFolder(null, path) is { } folder ? new(folder) : null;

    /// <inheritdoc cref="Open(string)"/>
    public ForeignFolder? OpenFolder(string name) => NativeFiles.OpenFolder(_folder, name) is { } folder ? new(folder) : null;

    /// <returns>Null where there is no such file, or it is larger.</returns>
    public byte[]? Read(string name, int max)
    {
        using var file = NativeFiles.OpenFile(_folder, name);
        if (file is null)
            return null;
        var content = new byte[max + 1];
        var length = 0;
        while (length < content.Length && RandomAccess.Read(file, content.AsSpan(length), length) is > 0 and var read)
            length += read;
        return length <= max ? content[..length] : null;
    }

    /// <summary>Copies a file, but no more than so many bytes of it, however it grows meanwhile.</summary>
    /// <returns>How many it had, one more than allowed where it had more; null where there is no such file.</returns>
    /// <exception cref="IOException">The disk is full, or the like.</exception>
    public long? Copy(string name, string destination, long max)
    {
        using var file = NativeFiles.OpenFile(_folder, name);
        if (file is null)
            return null;
        using var copy = new FileStream(destination, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[Block];
        long length = 0;
        while (length <= max && RandomAccess.Read(file, block.AsSpan(0, (int)Math.Min(block.Length, max + 1 - length)), length) is > 0 and var read)
        {
            copy.Write(block.AsSpan(0, read));
            length += read;
        }

        copy.Flush(flushToDisk: true);
        return length;
    }

    public void Remove(string name) => NativeFiles.Remove(_folder, name);

    public void Dispose() => _folder.Dispose();
}
